import { expect, test } from 'vitest';
import type { ContentField, MessageContent } from '../store/content-store.ts';
import type { MailboxId, Uid } from '../store/types.ts';
import { ListedContent } from './listed-content.ts';

const inbox = 'inbox' as MailboxId;
const other = 'other' as MailboxId;
const uids = (...values: number[]): Uid[] => values as Uid[];
const wanting = (mailbox: MailboxId, of: readonly Uid[], ...fields: ContentField[]) => ({
  mailbox,
  uids: of,
  fields: new Set(fields),
});
const message = (value: number, octets = 100): MessageContent => ({
  uid: value as Uid,
  size: value,
  header: Buffer.alloc(octets, value),
});
const known = (listed: ListedContent, mailbox: MailboxId, ...of: number[]): number[] =>
  listed.find(wanting(mailbox, uids(...of), 'header')).map(({ uid }) => uid);

test('a message is given where everything that is asked for is known, with what was read of it at any time', () => {
  const listed = new ListedContent(100_000);
  listed.put(inbox, [message(1), message(2)]);
  expect(known(listed, inbox, 2, 3, 1)).toEqual([2, 1]);
  expect(known(listed, other, 1)).toEqual([]);
  expect(listed.find(wanting(inbox, uids(1), 'header', 'envelope'))).toEqual([]);
  listed.put(inbox, [{ uid: 1 as Uid, envelope: Buffer.from('(NIL)'), sentDay: null }]);
  expect(listed.find(wanting(inbox, uids(1), 'header', 'envelope', 'sentDay', 'size'))).toEqual([
    { ...message(1), envelope: Buffer.from('(NIL)'), sentDay: null },
  ]);
});

test('what may change, and whole messages, are nothing to it', () => {
  const listed = new ListedContent(100_000);
  listed.put(inbox, [message(1)]);
  for (const field of ['expunged', 'savedAt', 'raw', 'head'] as const) {
    expect(listed.wants(wanting(inbox, uids(1), 'header', field)), field).toBe(false);
    expect(listed.find(wanting(inbox, uids(1), 'header', field)), field).toEqual([]);
  }
  expect(listed.wants(wanting(inbox, uids(1), 'header'))).toBe(true);
  expect(
    listed.wants(
      wanting(
        inbox,
        Array.from({ length: 98 }, (_, i) => i as Uid),
        'header',
      ),
    ),
  ).toBe(false);
});

test('the memory is bounded, and the mailbox that was used longest ago gives way first', () => {
  const listed = new ListedContent(20_000);
  listed.put(inbox, [message(1), message(2)]);
  for (let i = 1; i <= 30; i++) {
    listed.put(other, [message(i)]);
    expect(known(listed, inbox, 1, 2)).toEqual([1, 2]);
  }
  for (let i = 1; i <= 100; i++) listed.put(other, [message(i)]);
  expect(listed.bytes).toBeLessThanOrEqual(20_000);
  expect(known(listed, inbox, 1, 2)).toEqual([]);
  expect(known(listed, other, 1, 100)).toEqual([100]);
});

test('octets are its own, and a giant is not kept', () => {
  const listed = new ListedContent(100_000);
  const read = Buffer.from('what a connection has read');
  listed.put(inbox, [{ uid: 1 as Uid, header: read.subarray(0, 4) }, message(2, 20_000)]);
  read.fill('x');
  expect(listed.find(wanting(inbox, uids(1, 2), 'header')).map(({ header }) => header?.toString())).toEqual(['what']);
});

test('a new epoch empties it, zero octets keep nothing', () => {
  const listed = new ListedContent(100_000);
  listed.enter(1);
  listed.put(inbox, [message(1)]);
  listed.enter(1);
  expect(known(listed, inbox, 1)).toEqual([1]);
  listed.enter(2);
  expect(known(listed, inbox, 1)).toEqual([]);
  expect(listed.bytes).toBe(0);
  const none = new ListedContent(0);
  none.put(inbox, [message(1)]);
  expect(known(none, inbox, 1)).toEqual([]);
  expect(none.wants(wanting(inbox, uids(1), 'header'))).toBe(false);
});

test('what is read once more lies with what was read last: it neither counts twice nor goes with what was read first', () => {
  const listed = new ListedContent(20_000);
  listed.put(inbox, [message(1), message(2)]);
  const { bytes } = listed;
  listed.put(inbox, [message(1), message(2)]);
  expect(listed.bytes).toBe(bytes);
  listed.put(inbox, [{ uid: 1 as Uid, envelope: Buffer.from('(NIL)') }]);
  // As much as drives out what was read first, and not what came after it.
  for (let i = 3; known(listed, inbox, 2).length > 0; i++) listed.put(inbox, [message(i)]);
  expect(listed.find(wanting(inbox, uids(1), 'header', 'envelope'))).toEqual([
    { ...message(1), envelope: Buffer.from('(NIL)') },
  ]);
});
