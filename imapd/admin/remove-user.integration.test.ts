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
  for (const member of ['a', 'b', 'c']) repositories.push(await TestRepository.start({ members: [member] }));
  cluster = await TestCluster.start(['users-a', 'users-b', 'users-c']);
  const [own, other, third] = repositories;
  if (own === undefined || other === undefined || third === undefined) throw new Error('no repositories');
  const targets = { 'users-a': own.target('a', 1), 'users-b': other.target('b', 1), 'users-c': third.target('c', 1) };
  imapd = await startTestImapd(cluster, { log, targets, more: { sessions: { writeHoldMs: 500 } } });
});
afterAll(async () => {
  await imapd?.stop();
  await cluster?.close();
  for (const repository of repositories) await repository.close();
});

const add = async (name: string) => await imapd.ask(usersPath, json('POST', { name, password: 'secret' }));
const remove = async (name: string) => await imapd.ask(`${usersPath}/${name}`, { method: 'DELETE' });

const elsewhere = (member: 'b' | 'c') => {
  const server = repositories[member === 'b' ? 1 : 2]?.server(member);
  return server ?? expect.fail('no such member');
};

async function grant(member: 'b' | 'c', ...identifiers: string[]): Promise<void> {
  for (const identifier of identifiers) {
    const values = `'${randomUUID()}', '${identifier}', 'lr'`;
    await elsewhere(member).sql(`INSERT INTO mail.acl (mailbox, identifier, rights) VALUES (${values})`);
  }
}

async function granted(member: 'b' | 'c'): Promise<string[]> {
  const rows = await elsewhere(member).sql<{ identifier: string }>(
    'SELECT identifier FROM mail.acl ORDER BY identifier COLLATE "C"',
  );
  return rows.map(({ identifier }) => identifier);
}

test('nobody has a name that an ACL uses for something else, and to remove one changes no ACL', async () => {
  await grant('c', 'anyone', '-anyone', '-bob', '--bob');
  for (const name of ['anyone', '-bob', '$team', 'a%2Fb', 'nobody']) {
    if (name !== 'nobody') expect((await add(decodeURIComponent(name))).status).toBe(400);
    expect((await remove(name)).status).toBe(404);
  }
  expect(await granted('c')).toEqual(['--bob', '-anyone', '-bob', 'anyone']);
  await elsewhere('c').sql('DELETE FROM mail.acl');
});

test('rights of a removed user go in the partitions of others, too, and without them nobody goes', async () => {
  for (const name of ['gone', 'held']) {
    expect((await add(name)).status).toBe(201);
    await grant('b', name, `-${name}`);
    await grant('c', name);
  }
  expect((await remove('gone')).status).toBe(204);
  expect(await granted('b')).toEqual(['-held', 'held']);
  await elsewhere('b').stop();
  const refused = await remove('held');
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({
    code: 'Unavailable',
    message: expect.stringMatching(/nothing was removed: the partition users-b does not answer/),
  });
  expect((await imapd.ask(`${usersPath}/held`)).status).toBe(200);
  expect(await granted('c')).toEqual(['held']);
});
