import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from './limits.ts';
import { parseMessageUrl } from './message-url.ts';

const parse = (url: string, base: string | null = null) => parseMessageUrl(url, base, DEFAULT_LIMITS);
const whole = { uidValidity: null, section: { part: [], text: null }, partial: null };

test.each([
  ['/INBOX/;UID=20', { ...whole, mailbox: 'INBOX', uid: 20 }],
  ['/inbox;uidvalidity=7/;uid=20', { ...whole, mailbox: 'INBOX', uidValidity: 7, uid: 20 }],
  ['/a/b%2Fc/;UID=1', { ...whole, mailbox: 'a/b/c', uid: 1 }],
  ['/Entw%C3%BCrfe/;UID=1', { ...whole, mailbox: 'Entwürfe', uid: 1 }],
  ['/Entwu%CC%88rfe/;UID=1', { ...whole, mailbox: 'Entwürfe', uid: 1 }],
  [
    '/D;UIDVALIDITY=385759045/;UID=20/;Section=2.MIME',
    { ...whole, mailbox: 'D', uidValidity: 385759045, uid: 20, section: { part: [2], text: { kind: 'MIME' } } },
  ],
  [
    '/D/;UID=4294967295/;SECTION=1.HEADER.FIELDS%20(To%20Cc)/;PARTIAL=5.10',
    {
      ...whole,
      ...{ mailbox: 'D', uid: 0xffff_ffff, partial: { offset: 5, length: 10 } },
      section: { part: [1], text: { kind: 'HEADER.FIELDS', fields: ['To', 'Cc'] } },
    },
  ],
  ['/D/;UID=1/;PARTIAL=3', { ...whole, mailbox: 'D', uid: 1, partial: { offset: 3, length: 0xffff_ffff } }],
])('%s', (url, expected) => {
  expect(parse(url)).toEqual(expected);
});

test.each([
  ['b/;UID=1', null, 'b'],
  ['b/;UID=1', 'a', 'b'],
  ['c/;UID=1', 'a/b', 'a/c'],
  ['/c/;UID=1', 'a/b', 'c'],
  [';UID=1', 'a/b', null],
  ['/;UID=1', 'a/b', null],
])('%s beside %s is in %s', (url, base, mailbox) => {
  expect(parse(url, base)).toMatchObject({ mailbox, uid: 1 });
});

test.each([
  '',
  '/INBOX',
  '/INBOX;UIDVALIDITY=1',
  '/INBOX/;UID=0',
  '/INBOX/;UID=4294967296',
  '/INBOX/;UID=1:2',
  '/INBOX/;UID=1;URLAUTH=anonymous',
  '/INBOX/;UID=1/;SECTION=',
  '/INBOX/;UID=1/;SECTION=nonsense',
  '/INBOX/;UID=1/;SECTION=1]',
  '/INBOX/;UID=1/;SECTION=1%5D',
  '/INBOX/;UID=1/;SECTION=TEXT.1',
  '/INBOX/;UID=1/;PARTIAL=1.0',
  '/INBOX/;UID=1/x',
  '/%zz/;UID=1',
  '/%ff/;UID=1',
  '/a%00b/;UID=1',
  '/a b/;UID=1',
  '/ü/;UID=1',
  `/${'a'.repeat(1025)}/;UID=1`,
  'imap://localhost/INBOX/;UID=1',
  '//localhost/INBOX/;UID=1',
  'http:INBOX/;UID=1',
])('%s names no message here', (url) => {
  expect(parse(url)).toBeNull();
});
