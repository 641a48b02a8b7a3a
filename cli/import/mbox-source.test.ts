import fc from 'fast-check';
import { expect, test } from 'vitest';
import { itemOf } from './mbox-source.ts';
import { type MboxEntry, MboxSplitter } from './mbox-splitter.ts';
import type { SourceItem } from './source-message.ts';

const FROM = 'From ada@example.org Mon Jan  5 10:00:00 2026\n';

function split(text: string, { chunk = 1_000, limit = 1_000 } = {}): readonly MboxEntry[] {
  const splitter = new MboxSplitter(limit);
  const bytes = Buffer.from(text, 'latin1');
  const entries: MboxEntry[] = [];
  for (let at = 0; at < bytes.length; at += chunk) entries.push(...splitter.push(bytes.subarray(at, at + chunk)));
  return [...entries, ...splitter.end()];
}
const items = (text: string): readonly SourceItem[] => split(text).map((entry) => itemOf(entry, 'x.mbox', 'INBOX'));
const texts = (text: string): readonly string[] =>
  items(text).map((item) => (item.kind === 'message' ? Buffer.from(item.bytes).toString('latin1') : item.reason));

test('each entry becomes a message with CRLF, without the empty line before the next', () => {
  expect(texts(`${FROM}Subject: a\n\nbody\n\n${FROM}Subject: b\n\nbody\n\n`)).toEqual([
    'Subject: a\r\n\r\nbody\r\n',
    'Subject: b\r\n\r\nbody\r\n',
  ]);
});

test('an empty body keeps the empty line that ends the header', () => {
  expect(texts(`${FROM}Subject: a\n\n${FROM}Subject: b\n\n\n`)).toEqual(['Subject: a\r\n\r\n', 'Subject: b\r\n\r\n']);
});

test('quoted From lines lose one quote; unquoted ones that are no separator stay', () => {
  const body = '>From here\n>>From there\nFrom the start of a line\n\nFrom me to you\n';
  expect(texts(`${FROM}Subject: a\n\n${body}`)).toEqual([
    'Subject: a\r\n\r\nFrom here\r\n>From there\r\nFrom the start of a line\r\n\r\nFrom me to you\r\n',
  ]);
});

test('what is broken is told with offset and reason, and the rest goes on', () => {
  const good = `${FROM}Subject: a\n\nx\n\n`;
  const found = items(`garbage\n\n${good}${FROM}no header\n\n${FROM}${good}`);
  expect(found.map((item) => (item.kind === 'broken' ? `${item.place}: ${item.reason}` : item.kind))).toEqual([
    'x.mbox at offset 0: text before the first "From " line',
    'message',
    `x.mbox at offset ${9 + good.length}: no header after the "From " line`,
    `x.mbox at offset ${9 + good.length + FROM.length + 11}: no header after the "From " line`,
  ]);
});

test('an entry over the limit is passed over without being kept', () => {
  const big = `${FROM}Subject: big\n\n${'x'.repeat(5_000)}\n\n`;
  const entries = split(`${big}${FROM}Subject: a\n\nx\n`, { chunk: 100, limit: 500 });
  expect(entries.map(({ content, offset }) => [offset, content === null])).toEqual([
    [0, true],
    [big.length, false],
  ]);
});

test('flags come from Status and X-Status, which are the file’s and not the message’s', () => {
  const [item] = items(`${FROM}Status: RO\nSubject: a\nX-Status: AF\n\nStatus: R\n`);
  expect(item).toMatchObject({ flags: ['\\Seen', '\\Answered', '\\Flagged'] });
  expect(texts(`${FROM}Status: RO\nSubject: a\nX-Status: AF\n\nStatus: R\n`)).toEqual([
    'Subject: a\r\n\r\nStatus: R\r\n',
  ]);
});

test('the date is the From line’s, and the message’s own where git wrote the From line', () => {
  const dates = items(
    `${FROM}Subject: a\n\n\nFrom 0a1b Mon Sep 17 00:00:00 2001\nDate: Tue, 24 Nov 2026 01:02:03 +0100\nSubject: b\n\n`,
  ).map((item) => (item.kind === 'message' ? item.internalDate?.toISOString() : null));
  expect(dates).toEqual(['2026-01-05T10:00:00.000Z', '2026-11-24T00:02:03.000Z']);
});

test('however the file is cut into chunks, the entries are the same and cover it whole', () => {
  const line = fc.constantFrom('', FROM.trimEnd(), 'From x', '>From x', 'Subject: a', 'text', '\r');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), (lines, chunk) => {
      const text = lines.join('\n');
      const whole = split(text);
      expect(split(text, { chunk })).toEqual(whole);
      const covered = whole.reduce((sum, { length }) => sum + length, 0);
      expect(covered).toBeLessThanOrEqual(text.length);
      // Only empty lines before the first entry belong to none.
      expect(text.slice(0, text.length - covered).trim()).toBe('');
    }),
  );
});
