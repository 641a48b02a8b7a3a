import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type HeartbeatAnswer, PUSH_PATH } from '#contract/push-api.ts';
import { usersPath } from '#contract/users-api.ts';
import { TestCluster } from './routing/test-support/test-cluster.ts';
import { TestRepository } from './routing/test-support/test-repository.ts';
import { QUIET_MS } from './session/farewell/farewell.ts';
import { RawClient } from './session/test-support/raw-client.ts';
import { RecordedLog } from './session/test-support/recorded-log.ts';
import { json, startTestImapd, type TestImapd } from './test-support/test-imapd.ts';

// Promise: a process that is told to stop takes no more clients, says BYE to every session between two commands, and goes on
// hearing of failovers until the last command is done.

let repository: TestRepository;
let cluster: TestCluster;
let imapd: TestImapd;

beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a'] });
  cluster = await TestCluster.start(['users-a']);
});
beforeEach(async () => {
  const targets = { 'users-a': repository.target('a', 1) };
  imapd = await startTestImapd(cluster, { log: new RecordedLog(), targets });
  await imapd.ask(usersPath, json('POST', { name: 'ada@example.org', password: 'secret' }));
});
afterEach(async () => await imapd?.stop());
afterAll(async () => {
  await cluster?.close();
  await repository?.close();
});

const push = async (epoch: number, writer: string | null): Promise<number> => {
  const document = await cluster.document({ 'users-a': repository.target(writer, epoch) });
  return (await imapd.ask(PUSH_PATH, json('PUT', { document }))).status;
};
async function signedIn(): Promise<RawClient> {
  const client = await RawClient.greeted(imapd.imapPort);
  expect((await client.command('in LOGIN ada@example.org secret')).at(-1)).toMatch(/^in OK/);
  return client;
}
const BYE = expect.stringMatching(/^\* BYE /);

test('a process that is late reads what its clients have sent before it calls them silent', async () => {
  const client = await signedIn();
  const stopped = imapd.stop();
  client.send('late NOOP\r\n');
  const end = performance.now() + 2 * QUIET_MS;
  while (performance.now() < end);
  expect(await client.readToEnd()).toEqual([expect.stringMatching(/^late OK/), BYE]);
  await stopped;
});

test('a failover in the middle of a drain: the APPEND under way is held, finished and acknowledged, then comes BYE', async () => {
  const [idle, waiting, appending] = [await signedIn(), await signedIn(), await signedIn()];
  waiting.send('i IDLE\r\n');
  expect(await waiting.readLine()).toBe('+ idling');
  const message = `Subject: the last one\r\n\r\n${'x'.repeat(100_000)}\r\n`;
  appending.send(`a APPEND INBOX {${message.length}}\r\n`);
  expect(await appending.readLine()).toMatch(/^\+ /);
  appending.send(message.slice(0, 50_000));

  const stopped = imapd.stop();
  expect(await idle.readToEnd()).toEqual([BYE]);
  expect((await waiting.readToEnd()).at(-1)).toEqual(BYE);
  expect((await imapd.ask('/readyz')).status).toBe(503);
  expect((await imapd.ask('/healthz')).status).toBe(200);
  await expect(RawClient.greeted(imapd.imapPort)).rejects.toThrow();

  expect(await push(2, null)).toBe(200);
  appending.send(`${message.slice(50_000)}\r\n`);
  const beat = async (): Promise<HeartbeatAnswer> => {
    const heartbeat = await cluster.heartbeat({ pod: 'imapd-0', echo: null, leases: {} });
    return (await imapd.beat(heartbeat)) as HeartbeatAnswer;
  };
  await expect.poll(async () => (await beat()).repositories['users-a']?.held).toBe(1);
  await repository.stamp('a', 2);
  expect(await push(2, 'a')).toBe(200);
  const last = await appending.readToEnd();
  expect(last.filter((line) => !line.startsWith('* OK'))).toEqual([
    expect.stringMatching(/^a OK \[APPENDUID \d+ 1\]/),
    BYE,
  ]);
  await stopped;
  await expect(imapd.ask('/healthz')).rejects.toThrow();
});
