import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type MailSession, openMailSession } from '#demo/clients/mail-session.ts';
import { createRecorder } from '#demo/clients/recorder.ts';
import { pause } from '#runtime/deadline.ts';
import { connectCluster } from './clusters/connect-cluster.ts';
import { waitFor } from './clusters/process/wait-for.ts';
import { installOperator } from './support/installation.ts';
import { MailCluster } from './support/mail-cluster.ts';
import { SmallVolumes } from './support/small-volumes.ts';

/**
 * Promise: with the volumes of all members full, what is written is answered NO in words and what is there is read on, by
 * the same session; at most one replica is promoted for it; once there is space writing goes on by itself, and nothing
 * that was acknowledged is missing.
 * Budget: 5 minutes.
 */
const NAMESPACE = 'e2e-disk-full';
/** Room for an empty server, what it keeps of its log, and some mail. */
const MEBIBYTES = 512;
const MESSAGE_BYTES = 300 * 1024;
/** What is left for mail to fill by itself: no more than at first, should a try before have made room. */
const LEFT_MEBIBYTES = 384;
const REFUSED_MS = 120_000;
/** Long enough for a change of primary after another, if there were any. */
const WATCHED_MS = 40_000;
const HEALED_MS = 120_000;
/** One attempt to find a primary with room: each of two replicas once, and the old one again where they have none. */
const EPOCHS = 4;

let mail: MailCluster;
let volumes: SmallVolumes;
let session: MailSession;
/** Of every message that was acknowledged: UID and text. */
const acknowledged = new Map<number, Buffer>();

beforeAll(async () => {
  const cluster = await connectCluster();
  await installOperator(cluster);
  volumes = await SmallVolumes.make(cluster, {
    namespace: `${NAMESPACE}-volumes`,
    name: 'e2e-small',
    mebibytes: MEBIBYTES,
  });
  const storage = { size: `${MEBIBYTES}Mi`, storageClassName: 'e2e-small' };
  mail = await MailCluster.create({
    namespace: NAMESPACE,
    replicas: 1,
    partitions: [{ name: 'users', slots: ['0-1023'], managed: { storage } }],
  });
  const [login] = await mail.someUsers('full', 1);
  const recorder = createRecorder(() => performance.now());
  session = await openMailSession({ name: 'full', endpoint: await mail.endpoint(), login: login!, recorder });
  await session.ask('SELECT', () => session.client.mailboxOpen('INBOX'));
}, 600_000);

// Whoever comes next, another try of the same too, finds room.
afterEach(async () => await volumes.free(), 60_000);

afterAll(async () => {
  await session?.close();
  await mail?.remove();
  await volumes?.[Symbol.asyncDispose]();
});

/** null where it was acknowledged, else the server's words. */
async function append(): Promise<string | null> {
  const text = randomBytes(MESSAGE_BYTES).toString('base64').replaceAll(/.{76}/g, '$&\r\n');
  const raw = Buffer.from(`Subject: noise\r\n\r\n${text}\r\n`);
  const { value, refusal } = await session.ask('APPEND', () => session.client.append('INBOX', raw));
  if (value?.uid !== undefined) acknowledged.set(value.uid, raw);
  return refusal;
}

async function expectReadable(uid: number): Promise<void> {
  const { value } = await session.ask('FETCH', () =>
    session.client.fetchOne(String(uid), { source: true }, { uid: true }),
  );
  expect(value?.source?.equals(acknowledged.get(uid) ?? Buffer.alloc(0)), `message ${uid}`).toBe(true);
}

type Case = {
  readonly what: string;
  fill(): Promise<void>;
  makeRoom(): Promise<void>;
  /** What at least one of the refusals says. */
  readonly words: string;
};

test.each<Case>([
  {
    what: 'something beside the data',
    fill: async () => await volumes.fill(),
    makeRoom: async () => await volumes.free(),
    words: 'no disk space',
  },
  {
    // The log has no room either, without which no server runs.
    what: 'mail alone',
    fill: async () => await volumes.fill(LEFT_MEBIBYTES),
    makeRoom: async () => await volumes.grow(),
    words: 'UNAVAILABLE',
  },
])(
  'full of $what: refused, read on, not one change of primary after another; with space it goes on',
  async (one) => {
    await mail.untilHealthy('users');
    for (let count = 0; count < 3; count += 1) expect(await append()).toBeNull();
    const [first = 0] = acknowledged.keys();
    const before = (await mail.partition('users')).status?.epoch ?? 0;
    await one.fill();
    const refusals: string[] = [];
    const refused = async (): Promise<boolean> => {
      const words = await append();
      if (words !== null) refusals.push(words);
      return words !== null;
    };
    await waitFor(refused, { what: 'a NO', deadlineMs: REFUSED_MS, everyMs: 0 });
    const end = performance.now() + WATCHED_MS;
    while (performance.now() < end) {
      await expectReadable(first);
      await refused();
      await pause(500);
    }
    expect(refusals.filter((words) => !words.includes('UNAVAILABLE'))).toEqual([]);
    expect(refusals.join('\n')).toContain(one.words);
    expect(((await mail.partition('users')).status?.epoch ?? 0) - before).toBeLessThanOrEqual(EPOCHS);
    await one.makeRoom();
    const accepted = async (): Promise<boolean> => (await append()) === null;
    await waitFor(accepted, { what: 'an OK', deadlineMs: HEALED_MS, everyMs: 250 });
    await mail.untilHealthy('users');
    for (const uid of acknowledged.keys()) await expectReadable(uid);
    expect(session.client.usable).toBe(true);
  },
  400_000,
);
