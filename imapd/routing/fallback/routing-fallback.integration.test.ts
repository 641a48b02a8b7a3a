import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type HeartbeatAnswer, PUSH_PATH, type RoutingBelief } from '#contract/push-api.ts';
import { generateSigningKey, sign } from '#contract/signature.ts';
import { userPath, usersPath } from '#contract/users-api.ts';
import { RecordedLog } from '../../session/test-support/recorded-log.ts';
import { json, startTestImapd, type TestImapd } from '../../test-support/test-imapd.ts';
import { TestCluster } from '../test-support/test-cluster.ts';
import { TestRepository } from '../test-support/test-repository.ts';
import { ApiServer } from './test-support/api-server.ts';

// Promise: an imapd that nobody pushes to finds the newest document itself, takes none that a push would not bring into
// force, gets no right to write from it, and asks nobody while the operator is there.

let repository: TestRepository;
let cluster: TestCluster;
let api: ApiServer;
let imapd: TestImapd;
let log: RecordedLog;

beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a'] });
});
afterAll(() => repository?.close());
beforeEach(async () => {
  log = new RecordedLog();
  cluster = await TestCluster.start(['users-a']);
  api = await ApiServer.start(cluster.folder);
  await writeFile(join(cluster.folder, 'public-keys.json'), JSON.stringify([cluster.key.publicJwk]));
});
afterEach(async () => {
  await imapd?.stop();
  api?.close();
  await cluster?.close();
});

async function start(routing: object = {}): Promise<void> {
  imapd = await startAt(api, routing);
}
async function startAt(api: ApiServer, routing: object = {}): Promise<TestImapd> {
  const more = {
    routing: {
      publicKeysFile: join(cluster.folder, 'public-keys.json'),
      configMap: api.place,
      ...{ silentAfterMs: 100, lookEveryMs: 100, ...routing },
    },
    sessions: { writeHoldMs: 500, drainGraceMs: 0 },
  };
  return await startTestImapd(cluster, { log, more });
}
const target = (epoch = 1, more: object = {}) => ({ 'users-a': repository.target('a', epoch, more) });
const version = async (): Promise<number> => {
  const belief = (await (await imapd.ask(PUSH_PATH)).json()) as RoutingBelief;
  return (belief.document as { version: number } | null)?.version ?? 0;
};
const ready = async (): Promise<number> => (await imapd.ask('/readyz')).status;

test('a process that boots without a document and without the operator takes what lies in the ConfigMap', async () => {
  await start();
  expect(await ready()).toBe(503);
  api.document = await cluster.document(target());
  await expect.poll(ready).toBe(200);
  expect(await version()).toBe(1);
});

test('a newer document is found while the operator is silent, whatever happened to the API server before', async () => {
  api.document = await cluster.document(target());
  await start();
  await expect.poll(version).toBe(1);
  api.mood = 'failing';
  const before = api.asked;
  await expect.poll(() => api.asked).toBeGreaterThan(before + 1);
  api.document = await cluster.document(target());
  await api.renewToken('second-token');
  api.mood = 'well';
  await expect.poll(version).toBe(2);
  const told = log.events.filter(({ code, fields }) => code === 'RoutingRefused' && 'source' in fields);
  expect(told.map(({ fields }) => fields.reason)).toEqual(['the API server answers with status 503']);
});

test('an API server that hangs holds up nothing', async () => {
  api.mood = 'hanging';
  await start();
  await expect.poll(() => api.asked).toBeGreaterThan(0);
  expect((await imapd.ask(PUSH_PATH, json('PUT', { document: await cluster.document(target()) }))).status).toBe(200);
  expect(await ready()).toBe(200);
});

test('what a push would not bring into force does not come this way either', async () => {
  const old = await cluster.document(target(1));
  api.document = await cluster.document(target(2));
  await start();
  await expect.poll(version).toBe(2);
  const stranger = await generateSigningKey('stranger');
  const lowerEpoch = await cluster.document(target(1));
  for (const document of [old, lowerEpoch, await sign({ version: 9 }, 'routing', stranger.privateJwk), 'nonsense']) {
    api.document = document;
    const before = api.asked;
    await expect.poll(() => api.asked).toBeGreaterThan(before);
  }
  expect(await version()).toBe(2);
});

test('a document from the ConfigMap grants no lease: writing waits for the operator', async () => {
  api.document = await cluster.document(target(1, { durability: 'Async', leaseSeconds: 30 }));
  await start();
  await expect.poll(ready).toBe(200);
  const create = (): Promise<Response> =>
    imapd.ask(usersPath, json('POST', { name: `${randomUUID()}@example.org`, password: 'secret' }));
  expect((await create()).status).toBe(503);
  expect((await imapd.ask(userPath('nobody@example.org', 'mailboxes'))).status).toBe(404);
  const beat = async (echo: string | null): Promise<HeartbeatAnswer> => {
    const leases = { 'users-a': { epoch: 1, seconds: 30 } };
    const heartbeat = await cluster.heartbeat({ pod: 'imapd-0', echo, leases });
    return (await imapd.beat(heartbeat)) as HeartbeatAnswer;
  };
  await beat((await beat(null)).nonce);
  expect((await create()).status).toBe(201);
});

test('a process that is started anew obeys the same document before the operator asks: by its bootId it is another', async () => {
  api.document = await cluster.document(target());
  const answer = async (): Promise<HeartbeatAnswer> => {
    const heartbeat = await cluster.heartbeat({ pod: 'imapd-0', echo: null, leases: {} });
    return (await imapd.beat(heartbeat)) as HeartbeatAnswer;
  };
  await start();
  await expect.poll(version).toBe(1);
  const first = await answer();
  expect((await answer()).bootId).toBe(first.bootId);
  await imapd.stop();
  await start();
  await expect.poll(version).toBe(1);
  const second = await answer();
  expect(second.applied).toBe(first.applied);
  expect(second.bootId).not.toBe(first.bootId);
});

test('nobody is asked while the operator is there', async () => {
  api.document = await cluster.document(target());
  await start({ silentAfterMs: 60_000 });
  await expect.poll(version).toBe(1);
  const asked = api.asked;
  // Another one, whose operator is silent, looks as often as this one would.
  const other = await ApiServer.start(cluster.folder);
  other.document = api.document;
  const silent = await startAt(other);
  try {
    await expect.poll(() => other.asked).toBeGreaterThan(2);
  } finally {
    await silent.stop();
    other.close();
  }
  expect(api.asked).toBe(asked);
});

test('a writer that stays away is reason to look, operator or not', async () => {
  api.document = await cluster.document(target());
  await start({ silentAfterMs: 60_000 });
  await expect.poll(version).toBe(1);
  // The epoch row says 1: the target is wrong, and nobody pushes a better one.
  await imapd.ask(PUSH_PATH, json('PUT', { document: await cluster.document(target(2)) }));
  expect((await imapd.ask(usersPath, json('POST', { name: 'ada@example.org', password: 'secret' }))).status).toBe(503);
  api.document = await cluster.document(target(2, { writer: null }));
  await expect.poll(version).toBe(3);
});

test('a document of the next key counts once the file of the public keys has it', async () => {
  api.document = await cluster.document(target());
  await start();
  await expect.poll(version).toBe(1);
  const next = await TestCluster.start([]);
  api.document = await next.document(target(), 7);
  await expect.poll(() => log.codes()).toContain('RoutingRefused');
  expect(await version()).toBe(1);
  const keys = [cluster.key.publicJwk, next.key.publicJwk];
  await writeFile(join(cluster.folder, 'public-keys.json'), JSON.stringify(keys));
  await expect.poll(version).toBe(7);
  expect(log.codes()).toContain('FileRenewed');
  await next.close();
});
