import { expect, test } from 'vitest';
import type { ContentField } from '../store/content-store.ts';
import type { MailboxId, Uid } from '../store/types.ts';
import { RecentContent } from './recent-content.ts';

const inbox = 'inbox' as MailboxId;
const uid = (value: number): Uid => value as Uid;
const wanting = (...fields: ContentField[]) => ({ fields: new Set(fields) });
const message = (value: number, octets = 100) => ({ uid: uid(value), raw: Buffer.alloc(octets) });

test('a message is given only where everything that is asked for is known', () => {
  const recent = new RecentContent(100_000);
  recent.put(inbox, { uid: uid(1), size: 5, raw: Buffer.from('hello') });
  expect(recent.get(inbox, uid(1), wanting('size'))).toMatchObject({ size: 5 });
  expect(recent.get(inbox, uid(1), wanting('size', 'envelope'))).toBeNull();
  recent.put(inbox, { uid: uid(1), envelope: Buffer.from('(NIL)') });
  expect(recent.get(inbox, uid(1), wanting('size', 'envelope'))).toMatchObject({ size: 5, raw: Buffer.from('hello') });
  expect(recent.get(inbox, uid(2), wanting())).toBeNull();
  expect(recent.get('other' as MailboxId, uid(1), wanting('size'))).toBeNull();
});

test('a raw message larger than asked for is left out, as the store would', () => {
  const recent = new RecentContent(100_000);
  recent.put(inbox, { uid: uid(1), size: 5, raw: Buffer.from('hello') });
  expect(recent.get(inbox, uid(1), { ...wanting('size', 'raw'), rawUpTo: 4 })).toEqual({ uid: 1, size: 5 });
});

test('the memory is bounded, and what was asked for longest ago goes first', () => {
  const recent = new RecentContent(10_000);
  for (let i = 1; i <= 16; i += 1) recent.put(inbox, message(i));
  expect(recent.get(inbox, uid(1), wanting('raw'))).not.toBeNull();
  recent.put(inbox, message(17));
  expect(recent.bytes).toBeLessThanOrEqual(10_000);
  expect(recent.get(inbox, uid(1), wanting('raw'))).not.toBeNull();
  expect(recent.get(inbox, uid(2), wanting('raw'))).toBeNull();
});

test('a part of a large piece is kept without the piece', () => {
  const recent = new RecentContent(100_000);
  const piece = Buffer.alloc(65_536, 'x');
  recent.put(inbox, { uid: uid(1), raw: piece.subarray(10, 30), envelope: piece.subarray(40, 45) });
  const kept = recent.get(inbox, uid(1), wanting('raw', 'envelope'));
  expect([kept?.raw?.toString(), kept?.raw?.buffer.byteLength]).toEqual(['x'.repeat(20), 20]);
  expect(kept?.envelope?.buffer.byteLength).toBe(5);
});

test('one large message does not drive out all others', () => {
  const recent = new RecentContent(10_000);
  recent.put(inbox, message(1));
  recent.put(inbox, message(2, 5_000));
  expect(recent.get(inbox, uid(1), wanting('raw'))).not.toBeNull();
  expect(recent.get(inbox, uid(2), wanting('raw'))).toBeNull();
});

test('a new epoch empties it, zero octets keep nothing', () => {
  const recent = new RecentContent(10_000);
  recent.enter(1);
  recent.put(inbox, message(1));
  recent.enter(1);
  expect(recent.get(inbox, uid(1), wanting('raw'))).not.toBeNull();
  recent.enter(2);
  expect([recent.get(inbox, uid(1), wanting('raw')), recent.bytes]).toEqual([null, 0]);
  const none = new RecentContent(0);
  none.put(inbox, message(1));
  expect(none.get(inbox, uid(1), wanting('raw'))).toBeNull();
});
