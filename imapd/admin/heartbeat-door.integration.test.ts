import { afterAll, beforeAll, expect, test } from 'vitest';
import { HEARTBEAT_PATH, type HeartbeatAnswer } from '#contract/push-api.ts';
import type { Target } from '#contract/routing-document.ts';
import { generateSigningKey, sign } from '#contract/signature.ts';
import type { LineChannel } from '#runtime/channel/line-channel.ts';
import { openChannel } from '#runtime/channel/open-channel.ts';
import { createLogger } from '#runtime/logger.ts';
import { TestCluster } from '../routing/test-support/test-cluster.ts';
import { startTestImapd, type TestImapd, TOKEN } from '../test-support/test-imapd.ts';

const WITHIN_MS = 20_000;
const MOST = 3;
const log = createLogger({ program: 'imapd', level: 'silent', pretty: false });
let cluster: TestCluster;
let imapd: TestImapd;

beforeAll(async () => {
  cluster = await TestCluster.start([]);
  const admin = { port: 0, token: TOKEN, heartbeatChannels: MOST };
  imapd = await startTestImapd(cluster, { log, more: { admin } });
});
afterAll(async () => {
  await imapd?.stop();
  await cluster?.close();
});

const open = async (): Promise<LineChannel> =>
  await openChannel({
    url: new URL(`http://127.0.0.1:${imapd.adminPort}${HEARTBEAT_PATH}`),
    deadlineMs: WITHIN_MS,
    signal: AbortSignal.timeout(WITHIN_MS),
  });

const beat = async (pod = 'imapd-0'): Promise<string> => await cluster.heartbeat({ pod, echo: null, leases: {} });

type Said = Partial<HeartbeatAnswer> & { readonly code?: string; readonly current?: number };

/** Sends the lines at once, and returns what has come back when that is as much, or when the channel has ended. */
async function exchange(lines: readonly string[]): Promise<Said[]> {
  const channel = await open();
  const said: Said[] = [];
  const reading = channel.read((line) => {
    said.push(JSON.parse(line));
    if (said.length === lines.length) channel.close();
  });
  for (const line of lines) channel.send(line);
  await reading.catch(() => undefined);
  return said;
}

test('each heartbeat is answered in its turn, by one process', async () => {
  const said = await exchange([await beat(), await beat('imapd-9'), await beat()]);
  expect(said).toMatchObject([{ pod: 'imapd-0' }, { code: 'WrongPod' }, { pod: 'imapd-0' }]);
  expect(said[2]?.bootId).toBe(said[0]?.bootId);
  expect(said[2]?.nonce).not.toBe(said[0]?.nonce);
});

test('what no operator has signed is refused, whatever it is, and the next heartbeat is taken', async () => {
  const stranger = await generateSigningKey('stranger');
  const forged = await sign({ cluster: 'mail', pod: 'imapd-0', sequence: 1 }, 'heartbeat', stranger.privateJwk);
  const said = await exchange([forged, '{"pod":"imapd-0"}', await beat()]);
  expect(said).toMatchObject([{ code: 'BadSignature' }, { code: 'BadSignature' }, { pod: 'imapd-0' }]);
});

test('of what is signed for several a pod takes what is for itself, as if it had come alone', async () => {
  const alone = { sequence: 1, echo: null, leased: false };
  const ours = { leases: {}, full: [], pods: { 'imapd-0': alone, 'imapd-9': alone } };
  const notOurs = { ...ours, pods: { 'imapd-9': alone, 'imapd-8': alone } };
  const stranger = await TestCluster.start([]);
  const said = await exchange([
    await cluster.heartbeats(ours),
    await cluster.heartbeats(notOurs),
    await cluster.heartbeats(ours, 'another'),
    await stranger.heartbeats(ours),
  ]);
  await stranger.close();
  expect(said).toMatchObject([
    { pod: 'imapd-0', takes: ['heartbeats', 'routing'] },
    { code: 'WrongPod' },
    { code: 'WrongPod' },
    { code: 'BadSignature' },
  ]);
});

/** No connection is tried: nobody reads mail here. */
const target: Readonly<Record<string, Target>> = {
  'users-a': {
    engine: 'postgresql',
    database: 'mail',
    epoch: 1,
    writer: null,
    readers: [],
    durability: 'Quorum',
    leaseSeconds: null,
    members: {},
  },
};

test('a document over the channel is obeyed and answered as one that is put', async () => {
  const stranger = await TestCluster.start([]);
  const [first, second] = [await cluster.document(target, 11), await cluster.document(target, 12)];
  const said = await exchange([second, first, await stranger.document(target, 13), await beat()]);
  await stranger.close();
  expect(said).toMatchObject([
    { pod: 'imapd-0', applied: 12 },
    { pod: 'imapd-0', current: 12 },
    { code: 'BadSignature' },
    { pod: 'imapd-0', applied: 12, nonce: expect.any(String) },
  ]);
});

test('whoever does not wait for answers is given up, and so is a line without an end', async () => {
  const line = await beat();
  expect((await exchange(Array.from({ length: 100 }, () => line))).length).toBeLessThan(100);
  expect(await exchange(['x'.repeat(2 * 1024 * 1024)])).toEqual([]);
});

test('whoever asks without an upgrade is told so', async () => {
  const answer = await imapd.ask(HEARTBEAT_PATH);
  expect([answer.status, await answer.json()]).toEqual([426, expect.objectContaining({ code: 'UpgradeRequired' })]);
});

test('a channel without good heartbeats is closed after ten seconds, though bad ones come', async () => {
  const channel = await open();
  const began = performance.now();
  const bad = setInterval(() => channel.send('no heartbeat'), 1_000);
  await channel.read(() => undefined).catch(() => undefined);
  clearInterval(bad);
  expect(performance.now() - began).toBeGreaterThan(9_000);
  expect(performance.now() - began).toBeLessThan(15_000);
});

/** One over which a good heartbeat has come, and been answered. */
async function openKnown(): Promise<LineChannel> {
  const channel = await open();
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  channel.read(() => resolve()).catch(() => undefined);
  channel.send(await beat());
  await answered;
  return channel;
}

const closed = (channel: LineChannel): Promise<void> => new Promise((resolve) => channel.onClosed(resolve));

test('who says nothing gives way where there are too many; where all are known another is refused', async () => {
  const strangers = [await open(), await open()];
  for (const stranger of strangers) stranger.read(() => undefined).catch(() => undefined);
  const known = [await openKnown()];
  for (const stranger of strangers) {
    known.push(await openKnown());
    await closed(stranger);
  }
  expect(known.map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
  await expect(open()).rejects.toThrow('HTTP 503');
  known[0]?.close();
  await expect.poll(() => open().then(() => 'let in', String), { timeout: 5_000 }).toBe('let in');
  for (const channel of known) channel.close();
});

test('a process that ends closes its channels', async () => {
  const channel = await open();
  const reading = channel.read(() => undefined);
  await imapd.stop();
  await reading;
});
