import { expect, test } from 'vitest';
import { flagsOf } from './maildir-source.ts';
import { beginsWithHeader, dateField, headerEnd, headerField, withCrlf } from './message-bytes.ts';
import { type MailboxIdentity, OperationIds } from './operation-ids.ts';
import { progressLine } from './progress-bar.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

test('every line ends with CRLF, and nothing else changes', () => {
  expect(withCrlf(bytes('a\nb\r\n\n\rc\xff')).toString('latin1')).toBe('a\r\nb\r\n\r\n\rc\xff');
  expect(withCrlf(bytes('')).length).toBe(0);
});

test('the header ends after its empty line, or with the text', () => {
  expect(headerEnd(bytes('A: 1\nB: 2\n\nC: 3\n'))).toBe(11);
  expect(headerEnd(bytes('A: 1\r\n\r\nx'))).toBe(8);
  expect(headerEnd(bytes('A: 1'))).toBe(4);
});

test('a field is found unfolded, in the header alone, whatever its letters', () => {
  const text = bytes('subject: one\r\n two\r\nX: 1\r\n\r\nFrom: body\r\n');
  expect(headerField(text, 'Subject')).toBe('one two');
  expect(headerField(text, 'From')).toBeNull();
  expect(beginsWithHeader(text)).toBe(true);
  expect(beginsWithHeader(bytes('no header\n'))).toBe(false);
});

test('a date with a comment is understood, a wrong one is none', () => {
  expect(dateField(bytes('Date: Mon, 5 Jan 2026 10:00:00 +0000 (UTC)\n\n'))?.toISOString()).toBe(
    '2026-01-05T10:00:00.000Z',
  );
  expect(dateField(bytes('Date: yesterday\n\n'))).toBeNull();
  expect(dateField(bytes('Subject: x\n\n'))).toBeNull();
});

test('the flags of a Maildir name', () => {
  expect(flagsOf('cur/1.host:2,FRS')).toEqual(['\\Flagged', '\\Answered', '\\Seen']);
  expect(flagsOf('cur/1.host:2,Pz')).toEqual(['$Forwarded']);
  expect(flagsOf('new/1.host')).toEqual([]);
});

test('an operation is named by user, mailbox, content and how many equal ones came before', () => {
  const [inbox, sent] = ['INBOX', 'Sent'].map((name) => ({ name, uidValidity: 7 })) as [
    MailboxIdentity,
    MailboxIdentity,
  ];
  const first = new OperationIds('ada');
  const ids = [first.next(inbox, bytes('a')), first.next(inbox, bytes('b')), first.next(inbox, bytes('a'))];
  const again = new OperationIds('ada');
  expect([again.next(inbox, bytes('a')), again.next(inbox, bytes('a'))]).toEqual([ids[0], ids[2]]);
  const others = [new OperationIds('eve').next(inbox, bytes('a')), again.next(sent, bytes('a'))];
  const successor = new OperationIds('ada').next({ ...inbox, uidValidity: 8 }, bytes('a'));
  expect(new Set([...ids, ...others, successor]).size).toBe(6);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test('progress fits on a line', () => {
  expect(progressLine({ done: 1 << 20, total: 4 << 20, messages: 500, seconds: 2 })).toBe(
    '[######------------------]  25 %  500 messages  250/s  1.0 MiB  6 s left',
  );
  expect(progressLine({ done: 0, total: 0, messages: 0, seconds: 0 })).toContain('100 %');
});
