import { afterAll, beforeAll, expect, test } from 'vitest';
import { PUSH_PATH } from '#contract/push-api.ts';
import { userPath, usersPath } from '#contract/users-api.ts';
import { createLogger } from '#runtime/logger.ts';
import { namespaceOwner } from '../acl/namespace-owner.ts';
import { answers, last } from '../session/test-support/answers.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { json, startTestImapd, type TestImapd } from '../test-support/test-imapd.ts';
import { TestCluster } from './test-support/test-cluster.ts';
import { TestRepository } from './test-support/test-repository.ts';

// Promise: which namespaces there are, and where, the routing document says, to sessions that are there already, too; what holds
// shared mailboxes holds no user by that.

const log = createLogger({ program: 'imapd', level: 'silent', pretty: false });
const repositories: TestRepository[] = [];
let cluster: TestCluster;
let imapd: TestImapd;
let root: RawClient;

beforeAll(async () => {
  for (const member of ['a', 'b']) repositories.push(await TestRepository.start({ members: [member] }));
  cluster = await TestCluster.start(['users', 'folders']);
  cluster.namespaces = { Shared: 'folders', Lost: 'nowhere' };
  imapd = await startTestImapd(cluster, { log, targets: targets() });
  await imapd.ask(usersPath, json('POST', { name: 'root', password: 'secret', admin: true }));
  root = await RawClient.greeted(imapd.imapPort);
  await answers(root, 'LOGIN root secret');
});
afterAll(async () => {
  await imapd?.stop();
  await cluster?.close();
  for (const repository of repositories) await repository.close();
});

function targets() {
  const [users, folders] = repositories;
  if (users === undefined || folders === undefined) throw new Error('no repositories');
  return { users: users.target('a', 1), folders: folders.target('b', 1) };
}

test('mailboxes are made where the document says, and the partition is told to hold them', async () => {
  expect(await answers(root, 'NAMESPACE')).toEqual([
    '* NAMESPACE (("" "/")) (("Other Users/" "/")) (("Lost/" "/")("Shared/" "/"))',
  ]);
  await answers(root, 'CREATE Shared/box');
  expect(await last(root, 'CREATE Lost/box')).toMatch(/^a NO \[UNAVAILABLE\]/);
  expect(await repositories[1]?.server('b').sql('SELECT owner, name FROM mail.mailbox')).toEqual([
    { owner: namespaceOwner('Shared'), name: 'box' },
  ]);
  expect(await (await imapd.ask(usersPath)).json()).toEqual({
    users: [expect.objectContaining({ name: 'root', partition: 'users' })],
    namespaces: [{ name: 'Shared', partition: 'folders' }],
    partitions: ['folders', 'users'],
    unavailable: [],
  });
  expect((await imapd.ask(userPath(namespaceOwner('Shared')))).status).toBe(404);
});

test('a namespace that the document no longer has is none, and its mailboxes are seen by nobody', async () => {
  await answers(root, 'SETACL Shared/box anyone lr');
  await imapd.ask(usersPath, json('POST', { name: 'bob', password: 'secret' }));
  const bob = await RawClient.greeted(imapd.imapPort);
  await answers(bob, 'LOGIN bob secret');
  expect((await answers(bob, 'LIST "" *')).join('\n')).toContain('Shared/box');
  cluster.namespaces = { News: 'users' };
  expect((await imapd.ask(PUSH_PATH, json('PUT', { document: await cluster.document(targets()) }))).status).toBe(200);
  expect(await answers(bob, 'NAMESPACE')).toEqual(['* NAMESPACE (("" "/")) (("Other Users/" "/")) (("News/" "/"))']);
  expect((await answers(bob, 'LIST "" *')).join('\n')).not.toContain('Shared');
  expect(await last(bob, 'SELECT Shared/box')).toMatch(/^a NO/);
});
