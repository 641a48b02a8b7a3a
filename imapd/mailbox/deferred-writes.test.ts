import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { RecordedLog } from '../session/test-support/recorded-log.ts';
import type { Store, StoreFlags } from '../store/store.ts';
import { type MailboxId, type ModSeq, type OperationId, systemFlags } from '../store/types.ts';
import { DeferredWrites } from './deferred-writes.ts';

const [INBOX, SENT] = ['inbox', 'sent'] as [MailboxId, MailboxId];

/** A store that writes nothing until it is let. */
function heldStore() {
  const { promise: writer, resolve: comeBack } = Promise.withResolvers<void>();
  const written: Pick<StoreFlags, 'mailbox' | 'uids' | 'change'>[] = [];
  const storeFlags = async ({ mailbox, uids, change }: StoreFlags) => {
    await writer;
    written.push({ mailbox, uids, change });
    return { kind: 'gone' } as const;
  };
  return { store: { storeFlags } as unknown as Store, written, comeBack };
}

function deferredWrites(maxWaiting?: number) {
  const log = new RecordedLog();
  const deferred = new DeferredWrites({
    log,
    newOperation: () => randomUUID() as OperationId,
    announce: async (_mailbox: MailboxId, _modSeq: ModSeq) => undefined,
    signal: new AbortController().signal,
    ...(maxWaiting === undefined ? {} : { maxWaiting }),
  });
  return { log, deferred };
}

test('what no room is left for is dropped, told once for each mailbox that meets the bound, and what waits is written', async () => {
  const { log, deferred } = deferredWrites(2);
  const { store, written, comeBack } = heldStore();
  deferred.markSeen(store, { mailbox: INBOX }, [7]);
  expect([deferred.waiting, log.codes()]).toEqual([1, []]);
  deferred.markSeen(store, { mailbox: SENT }, [3, 4, 5]);
  expect(deferred.waiting).toBe(2);
  expect(log.events).toEqual([{ code: 'MarksDropped', fields: { mailbox: SENT, kind: 'seen' } }]);
  deferred.markSeen(store, { mailbox: SENT }, [6]);
  expect([deferred.waiting, log.codes().length]).toEqual([2, 1]);
  comeBack();
  await expect.poll(() => deferred.waiting).toBe(0);
  const change = { mode: 'add', system: systemFlags['\\Seen'], keywords: [] };
  expect(written).toEqual([
    { mailbox: INBOX, uids: [7], change },
    { mailbox: SENT, uids: [3], change },
  ]);
  // There is room again.
  deferred.markSeen(store, { mailbox: INBOX }, [8]);
  await expect.poll(() => written.length).toBe(3);
});

test('marks of one mailbox that wait become one write', async () => {
  const { deferred, log } = deferredWrites();
  const { store, written, comeBack } = heldStore();
  deferred.markSeen(store, { mailbox: SENT }, [1]);
  for (const uid of [9, 8, 9]) deferred.markSeen(store, { mailbox: INBOX }, [uid]);
  comeBack();
  await expect.poll(() => deferred.waiting).toBe(0);
  expect(written.map(({ mailbox, uids }) => ({ mailbox, uids }))).toEqual([
    { mailbox: SENT, uids: [1] },
    { mailbox: INBOX, uids: [8, 9] },
  ]);
  expect(log.codes()).toEqual([]);
});
