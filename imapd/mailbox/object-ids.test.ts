import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { MailboxId, Uid } from '../store/types.ts';
import { emailObjectId, mailboxObjectId } from './object-ids.ts';

/** RFC 8474, 7; and 8.1: no digit or dash in front. */
const OBJECT_ID = /^[A-Za-z][A-Za-z0-9_-]{0,254}$/;

const message = (text: string, internalDate: string) => ({
  uid: 1 as Uid,
  contentHash: hash('sha256', text, 'buffer'),
  internalDate: new Date(internalDate),
});

test('an EMAILID names the octets and the date, and nothing else', () => {
  const id = emailObjectId(message('a', '2026-02-03T04:05:06.000Z'));
  expect(id).toMatch(OBJECT_ID);
  expect(emailObjectId({ ...message('a', '2026-02-03T04:05:06.789Z'), uid: 7 as Uid })).toBe(id);
  expect(emailObjectId(message('a', '2026-02-03T04:05:07.000Z'))).not.toBe(id);
  expect(emailObjectId(message('b', '2026-02-03T04:05:06.000Z'))).not.toBe(id);
});

test('it stays as it is: clients keep what they have seen', () => {
  expect(emailObjectId(message('a', '1970-01-01T00:00:01Z'))).toBe(
    `M${hash('sha256', 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb 1').slice(0, 40)}`,
  );
});

test('a MAILBOXID begins with a letter', () => {
  expect(mailboxObjectId('0f3c6d3e-7a57-4c0e-9f0e-3d6f4c1b2a90' as MailboxId)).toMatch(OBJECT_ID);
});
