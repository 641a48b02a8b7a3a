import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { startStoreServer } from './test-support/start-store-server.ts';
import { attempt, operation, type StoreFixture } from './test-support/store-fixture.ts';
import type { TestStoreServer } from './test-support/test-store-server.ts';
import { type MailboxId, systemFlags } from './types.ts';
import { WATCH_BUCKETS, type WatchDigest, watchBucketOf } from './watched.ts';

// Promise: a digest differs where anything differs that may be told, and nowhere else; and of 10,000 mailboxes a change costs
// the sums and one bucket.

describe.each(enginesUnderTest)('%s', (engine) => {
  const MANY = 10_000;
  let server: TestStoreServer;
  let f: StoreFixture;
  beforeAll(async () => {
    server = await startStoreServer(engine);
    f = await server.openStore({ mailboxes: Array.from({ length: MANY }, (_, i) => `many/${i + 1}`) });
  });
  afterAll(async () => {
    await f?.close();
    await server?.stop();
  });

  async function digest(): Promise<WatchDigest> {
    const digests = await f.store.watchDigests({ owners: ['ada', 'nobody'], annotated: ['ada'] }, attempt);
    expect(digests.get('nobody')).toEqual({ mailboxes: new Map(), subscriptions: '', annotations: '' });
    const found = digests.get('ada');
    if (found === undefined) throw new Error('there is no digest of ada');
    return found;
  }

  /** Which buckets another digest has otherwise. */
  async function changedBy(change: () => Promise<unknown>) {
    const before = await digest();
    await change();
    const after = await digest();
    const buckets = Array.from({ length: WATCH_BUCKETS }, (_, at) => at);
    return {
      buckets: buckets.filter((at) => before.mailboxes.get(at) !== after.mailboxes.get(at)),
      subscriptions: before.subscriptions !== after.subscriptions,
      annotations: before.annotations !== after.annotations,
    };
  }

  const NOTHING = { buckets: [], subscriptions: false, annotations: false };
  const ofInbox = () => ({ ...NOTHING, buckets: [watchBucketOf(f.inbox)] });

  test('it differs where something has changed', async () => {
    expect(await changedBy(async () => undefined)).toEqual(NOTHING);
    expect(await changedBy(() => f.append('a\r\n'))).toEqual(ofInbox());
    const change = { mode: 'add', system: systemFlags['\\Flagged'], keywords: [] } as const;
    const flag = { operation: operation(), mailbox: f.inbox, uids: [], change, unchangedSince: null };
    expect(await changedBy(() => f.store.storeFlags({ ...flag, uids: [1 as never] }, attempt))).toEqual(ofInbox());
    const subscription = { owner: 'ada', name: 'x', subscribed: true };
    expect(await changedBy(() => f.store.subscribe({ operation: operation(), ...subscription }, attempt))).toEqual({
      ...NOTHING,
      subscriptions: true,
    });
    const annotate = (value: string | null) => () =>
      f.store.writeAnnotations(
        {
          operation: operation(),
          mailbox: f.inbox,
          reader: 'ada',
          changes: [{ entry: '/private/comment', value: value === null ? null : Buffer.from(value) }],
          most: 10,
        },
        attempt,
      );
    for (const value of ['a', 'a', null]) {
      expect(await changedBy(annotate(value))).toEqual({ ...NOTHING, annotations: true });
    }
    const rename = { operation: operation(), owner: 'ada', name: 'many/1', to: 'other' };
    expect((await changedBy(() => f.store.renameMailbox(rename, attempt))).buckets).toHaveLength(1);
  });

  test('one bucket of many mailboxes is a small part of them, and the state is that of the mailbox', async () => {
    const bucket = watchBucketOf(f.inbox);
    const read = await f.store.watchedMailboxes({ owner: 'ada', buckets: [bucket] }, attempt);
    expect(read.length).toBeLessThan((3 * MANY) / WATCH_BUCKETS);
    expect(read.every(({ id }) => watchBucketOf(id) === bucket)).toBe(true);
    const inbox = await f.store.findMailbox('ada', 'INBOX', attempt);
    const { uidNext, highestModSeq, messages, unseen, uidValidity } = inbox ?? {};
    expect(read.find(({ id }) => id === f.inbox)).toMatchObject({
      uidNext,
      highestModSeq,
      messages,
      unseen,
      uidValidity,
    });
  });

  test('a mailbox is found by its identifier, and the sum of a bucket is that of its mailboxes', async () => {
    const buckets = [watchBucketOf(f.inbox)];
    const ofBucket = await f.store.watchedMailboxes({ owner: 'ada', buckets }, attempt);
    const mailboxes = [f.inbox, '11111111-1111-4111-8111-111111111111' as MailboxId];
    const byId = await f.store.watchedMailboxesById({ owner: 'ada', mailboxes }, attempt);
    expect(byId).toEqual(ofBucket.filter(({ id }) => id === f.inbox));
    expect(await f.store.watchedMailboxesById({ owner: 'bob', mailboxes }, attempt)).toEqual([]);
    const sum = ofBucket.reduce((total, { hash }) => total + BigInt(hash), 0n);
    expect((await digest()).mailboxes.get(watchBucketOf(f.inbox))).toBe(`${sum}`);
  });

  test('a promotion that moves identifiers is seen, in every mailbox', async () => {
    const inbox = async () => (await f.store.watchedMailboxesById({ owner: 'ada', mailboxes: [f.inbox] }, attempt))[0];
    const { uidNext = 0, highestModSeq = 0 } = (await inbox()) ?? {};
    const { buckets } = await changedBy(() => f.atEpoch(2, { uidGap: 1000 }));
    expect(buckets).toHaveLength(WATCH_BUCKETS);
    expect(await inbox()).toMatchObject({ uidNext: uidNext + 1000, highestModSeq: highestModSeq + 1000 });
  });

  test('the sums of 10,000 mailboxes take little of a poll of a second', async () => {
    const times: number[] = [];
    for (let n = 0; n < 20; n++) {
      const began = performance.now();
      await digest();
      times.push(performance.now() - began);
    }
    const [, ...rest] = times.sort((a, b) => a - b);
    const middle = rest[Math.floor(rest.length / 2)] ?? 0;
    expect(middle, `${middle} ms`).toBeLessThan(500);
  });
});
