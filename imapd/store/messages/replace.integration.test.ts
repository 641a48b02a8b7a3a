import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import type { ReplaceMessage } from '../store.ts';
import { startStoreServer } from '../test-support/start-store-server.ts';
import { attempt, inPieces, operation, type StoreFixture } from '../test-support/store-fixture.ts';
import type { TestStoreServer } from '../test-support/test-store-server.ts';
import { MAX_KEYWORDS, type Uid } from '../types.ts';

// Promise: a replacement is one change. Its message is there and the old one is not, or nothing has happened; counters,
// tombstone and forks are those of an APPEND and an EXPUNGE.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: TestStoreServer;
  let f: StoreFixture;
  beforeAll(async () => {
    server = await startStoreServer(engine);
  });
  beforeEach(async () => {
    f = await server.openStore();
    return () => f.close();
  });
  afterAll(() => server?.stop());

  async function request(uid: Uid, change: Partial<ReplaceMessage> & { readonly keywords?: readonly string[] } = {}) {
    const { keywords = [], ...rest } = change;
    const id = operation();
    const staged = await f.store.stage(inPieces(Buffer.from('new\r\n')), { operation: id, ordinal: 0 }, attempt);
    const message = { staged, flags: { system: 16, keywords }, internalDate: new Date(0) };
    return { operation: id, from: f.inbox, uid, owner: 'ada', mailbox: 'INBOX', message, ...rest };
  }

  async function uidsOf(name: string, store = f.store): Promise<number[]> {
    const found = await store.findMailbox('ada', name, attempt);
    const view = found && (await store.loadView(found.id, attempt));
    return [...(view?.rows.uids ?? [])];
  }
  const inbox = () => f.store.findMailbox('ada', 'INBOX', attempt);

  test('in the same mailbox: counters are those of one message, and the old one has a tombstone', async () => {
    const [old, kept] = [await f.append('old, and longer\r\n', { system: 8 }), await f.append('kept\r\n')];
    const before = await inbox();
    const outcome = await f.store.replace(await request(old), attempt);
    expect(outcome).toMatchObject({ kind: 'replaced', mailbox: f.inbox, uid: kept + 1 });
    expect(await uidsOf('INBOX')).toEqual([kept, kept + 1]);
    expect(await inbox()).toMatchObject({ messages: 2, unseen: 2, deleted: 0, size: 11, uidNext: kept + 2 });
    const changes = await f.store.loadChanges(f.inbox, before?.highestModSeq as never, attempt);
    expect(changes).toMatchObject({ whole: false, expunged: [old], rows: { count: 1 } });
    if (outcome.kind === 'replaced') expect(outcome.modSeq).toBe(changes?.state.highestModSeq);
  });

  test('into another mailbox', async () => {
    const old = await f.append('old\r\n');
    const sent = await f.store.findMailbox('ada', 'Sent', attempt);
    const outcome = await f.store.replace(await request(old, { mailbox: 'Sent' }), attempt);
    expect(outcome).toMatchObject({ kind: 'replaced', mailbox: sent?.id, uidValidity: sent?.uidValidity, uid: 1 });
    expect([await uidsOf('INBOX'), await uidsOf('Sent')]).toEqual([[], [1]]);
  });

  test('the same operation twice does the work once', async () => {
    const once = await request(await f.append('old\r\n'));
    const outcome = await f.store.replace(once, attempt);
    expect(await f.store.replace(once, attempt)).toEqual(outcome);
    expect(await inbox()).toMatchObject({ messages: 1 });
  });

  test('what cannot be done whole is not done at all', async () => {
    const uid = await f.append('old\r\n');
    await f.append('x\r\n', { mailbox: 'Sent', keywords: Array.from({ length: MAX_KEYWORDS }, (_, i) => `k${i}`) });
    const before = [await inbox(), await f.store.findMailbox('ada', 'Sent', attempt)];
    const refused = async (...wanted: Parameters<typeof request>) =>
      (await f.store.replace(await request(...wanted), attempt)).kind;
    expect(await refused(uid, { mailbox: 'nowhere' })).toBe('noMailbox');
    expect(await refused(uid, { mailbox: 'Sent', keywords: ['one more'] })).toBe('tooManyKeywords');
    expect(await refused((uid + 1) as Uid, { mailbox: 'Sent' })).toBe('gone');
    expect(await refused(uid, { from: operation() as string as never, mailbox: 'Sent' })).toBe('gone');
    expect([await inbox(), await f.store.findMailbox('ada', 'Sent', attempt)]).toEqual(before);
  });

  test('two at once: one of them finds the message gone', async () => {
    const uid = await f.append('old\r\n');
    const requests = [await request(uid), await request(uid, { mailbox: 'Sent' })];
    const outcomes = await Promise.all(requests.map((each) => f.store.replace(each, attempt)));
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['gone', 'replaced']);
    expect([...(await uidsOf('INBOX')), ...(await uidsOf('Sent'))]).toHaveLength(1);
  });

  test('after an unplanned promotion the new UID has jumped, once', async () => {
    const uid = await f.append('old\r\n');
    const store = await f.atEpoch(2, { uidGap: 1000 });
    const outcome = await store.replace(await request(uid), attempt);
    expect(outcome).toMatchObject({ kind: 'replaced', uid: uid + 1 + 1000 });
    expect(await uidsOf('INBOX', store)).toEqual([uid + 1001]);
  });
});
