import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { usersPath } from '#contract/users-api.ts';
import { createLogger } from '#runtime/logger.ts';
import { TestCluster } from '../routing/test-support/test-cluster.ts';
import { TestRepository } from '../routing/test-support/test-repository.ts';
import { json, startTestImapd, type TestImapd } from '../test-support/test-imapd.ts';

// Promise: who is removed has no rights left anywhere, which a later user of the name would find; or nobody is removed.

const log = createLogger({ program: 'imapd', level: 'silent', pretty: false });
const repositories: TestRepository[] = [];
let cluster: TestCluster;
let imapd: TestImapd;

beforeAll(async () => {
  for (const member of ['a', 'b']) repositories.push(await TestRepository.start({ members: [member] }));
  cluster = await TestCluster.start(['users-a', 'users-b']);
  const [own, other] = repositories;
  if (own === undefined || other === undefined) throw new Error('no repositories');
  const targets = { 'users-a': own.target('a', 1), 'users-b': other.target('b', 1) };
  imapd = await startTestImapd(cluster, { log, targets, more: { sessions: { writeHoldMs: 500 } } });
});
afterAll(async () => {
  await imapd?.stop();
  await cluster?.close();
  for (const repository of repositories) await repository.close();
});

const add = async (name: string) => await imapd.ask(usersPath, json('POST', { name, password: 'secret' }));
const remove = async (name: string) => await imapd.ask(`${usersPath}/${name}`, { method: 'DELETE' });

test('rights of a removed user go in the partitions of others, too, and without them nobody goes', async () => {
  const elsewhere = repositories[1]?.server('b');
  for (const name of ['gone', 'held']) {
    expect((await add(name)).status).toBe(201);
    for (const identifier of [name, `-${name}`])
      await elsewhere?.sql(
        `INSERT INTO mail.acl (mailbox, identifier, rights) VALUES ('${randomUUID()}', '${identifier}', 'lr')`,
      );
  }
  expect((await remove('gone')).status).toBe(204);
  expect(await elsewhere?.sql(`SELECT identifier FROM mail.acl ORDER BY 1`)).toEqual([
    { identifier: '-held' },
    { identifier: 'held' },
  ]);
  await elsewhere?.stop();
  const refused = await remove('held');
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({
    code: 'Unavailable',
    message: expect.stringMatching(/nothing was removed: the partition users-b does not answer/),
  });
  expect((await imapd.ask(`${usersPath}/held`)).status).toBe(200);
});
