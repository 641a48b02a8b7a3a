import { afterAll, beforeAll, expect, test } from 'vitest';
import { userPath, usersPath } from '#contract/users-api.ts';
import { createLogger } from '#runtime/logger.ts';
import { FORGOTTEN_LOGINS_PATH } from '../auth/login-hints.ts';
import { TestCluster } from '../routing/test-support/test-cluster.ts';
import { TestRepository } from '../routing/test-support/test-repository.ts';
import { answers, last } from '../session/test-support/answers.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { json, startTestImapd, type TestImapd } from '../test-support/test-imapd.ts';

// Promise: groups are kept with the user, each once and in one spelling; a change holds from the next command on, also in a process that
// is told of it by another one.

const log = createLogger({ program: 'imapd', level: 'silent', pretty: false });
let repository: TestRepository;
let cluster: TestCluster;
let imapd: TestImapd;

beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a'] });
  cluster = await TestCluster.start(['users-a']);
  imapd = await startTestImapd(cluster, { log, targets: { 'users-a': repository.target('a', 1) } });
});
afterAll(async () => {
  await imapd?.stop();
  await cluster?.close();
  await repository?.close();
});

const add = async (user: object) => await imapd.ask(usersPath, json('POST', { password: 'secret', ...user }));
const change = async (name: string, wanted: object) => await imapd.ask(userPath(name), json('PATCH', wanted));

async function signedIn(name: string): Promise<RawClient> {
  const client = await RawClient.greeted(imapd.imapPort);
  await answers(client, `LOGIN ${name} secret`);
  return client;
}

test('groups are told as they are kept, and a change of something else leaves them alone', async () => {
  expect((await add({ name: 'eve', groups: ['Staff', 'board', 'staff'] })).status).toBe(201);
  expect(await (await imapd.ask(userPath('eve'))).json()).toMatchObject({ groups: ['board', 'staff'] });
  expect(await (await change('eve', { admin: true })).json()).toMatchObject({
    groups: ['board', 'staff'],
    admin: true,
  });
  expect(await (await change('eve', { groups: [] })).json()).toMatchObject({ groups: [], admin: true });
});

test.each([['$staff'], ['-staff'], ['a,b'], [''], ['\u0085']])('a group cannot be called %j', async (group) => {
  await add({ name: 'zoe' });
  expect((await change('zoe', { groups: [group] })).status).toBe(400);
});

test('nobody gets a name that access control lists would take for something else', async () => {
  for (const name of ['$staff', '-ann', 'Anyone']) expect((await add({ name })).status, name).toBe(400);
});

test('a change holds from the next command on, also where another process tells of it', async () => {
  await add({ name: 'ann' });
  await add({ name: 'bob' });
  const [ann, bob] = [await signedIn('ann'), await signedIn('bob')];
  await answers(ann, 'SETACL INBOX $staff lr');
  const rights = 'MYRIGHTS "Other Users/ann/INBOX"';
  expect(await last(bob, rights)).toMatch(/^a NO/);
  await change('bob', { groups: ['staff'] });
  expect(await last(bob, rights)).toMatch(/^a OK/);
  const behind = repository.server('a');
  await behind.sql("UPDATE mail.account SET groups = '{}' WHERE name = 'bob'");
  expect(await last(bob, rights)).toMatch(/^a OK/);
  expect((await imapd.ask(FORGOTTEN_LOGINS_PATH, json('POST', { users: ['bob'] }))).status).toBe(204);
  expect(await last(bob, rights)).toMatch(/^a NO \[NONEXISTENT\]/);
});
