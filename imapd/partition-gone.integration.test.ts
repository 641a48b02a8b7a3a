import { afterAll, beforeAll, expect, test } from 'vitest';
import { PUSH_PATH } from '#contract/push-api.ts';
import type { Target } from '#contract/routing-document.ts';
import { usersPath } from '#contract/users-api.ts';
import { createLogger } from '#runtime/logger.ts';
import { TestCluster } from './routing/test-support/test-cluster.ts';
import { TestRepository } from './routing/test-support/test-repository.ts';
import { RawClient } from './session/test-support/raw-client.ts';
import { json, startTestImapd, type TestImapd } from './test-support/test-imapd.ts';

/**
 * Promise: whose partition is deleted is told so, and nothing of it is remembered: when it is back, whoever signs in works with
 * what it has then.
 */
const log = createLogger({ program: 'imapd', level: 'silent', pretty: false });
let repository: TestRepository;
let cluster: TestCluster;
let imapd: TestImapd;

beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a'] });
  cluster = await TestCluster.start(['users-a', 'users-b']);
  imapd = await startTestImapd(cluster, { log, targets: { 'users-a': repository.target('a', 1) } });
  const user = json('POST', { name: 'ada', password: 'secret' });
  expect((await imapd.ask(usersPath, user)).status).toBe(201);
});
afterAll(async () => {
  await imapd?.stop();
  await cluster?.close();
  await repository?.close();
});

async function serve(partition: string, more: Partial<Target> = {}): Promise<void> {
  const document = await cluster.document({ [partition]: repository.target('a', 1, more) });
  expect((await imapd.ask(PUSH_PATH, json('PUT', { document }))).status).toBe(200);
}

async function inInbox(): Promise<RawClient> {
  const client = await RawClient.greeted(imapd.imapPort);
  expect((await client.command('l LOGIN ada secret')).at(-1)).toMatch(/^l OK/);
  expect((await client.command('s SELECT INBOX')).at(-1)).toMatch(/^s OK/);
  return client;
}

async function append(client: RawClient): Promise<readonly string[]> {
  const message = 'Subject: a\r\n\r\na\r\n';
  client.send(`a APPEND INBOX {${message.length}+}\r\n${message}\r\n`);
  return await client.readTagged('a');
}

test('sessions of a partition that is gone end, and those after its return see all that happens', async () => {
  const [quiet, idling] = [await inInbox(), await inInbox()];
  idling.send('i IDLE\r\n');
  expect(await idling.readLine()).toBe('+ idling');
  await serve('users-b');
  const bye = '* BYE Your mailboxes are not served any more, please try again later';
  expect([await quiet.readToEnd(), await idling.readToEnd()]).toEqual([[bye], [bye]]);
  await serve('users-a');
  const back = await inInbox();
  expect(await append(back)).toEqual(['* 1 EXISTS', '* 1 RECENT', expect.stringMatching(/^a OK \[APPENDUID/)]);
  back.close();
});

test('a partition whose database is of another engine by now is another one', async () => {
  const client = await inInbox();
  await serve('users-a', { engine: 'mysql' });
  expect(await client.readToEnd()).toEqual(['* BYE Your mailboxes are not served any more, please try again later']);
  await serve('users-a');
  (await inInbox()).close();
});
