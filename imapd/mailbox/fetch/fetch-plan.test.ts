import { expect, it } from 'vitest';
import type { Fetch } from '../../protocol/command.ts';
import { DEFAULT_LIMITS } from '../../protocol/limits.ts';
import { parseCommand } from '../../protocol/parse-command.ts';
import { planFetch } from './fetch-plan.ts';
import { internalDateText } from './internal-date.ts';

function parsed(line: string): Fetch {
  const result = parseCommand(Buffer.from(`a ${line}`), DEFAULT_LIMITS);
  if (!result.ok || result.command.name !== 'FETCH') throw new Error(`not a FETCH: ${line}`);
  return result.command;
}

it.each([
  ['FETCH 1 FLAGS', ['FLAGS'], [], false],
  ['UID FETCH 1 FLAGS', ['UID', 'FLAGS'], [], false],
  ['UID FETCH 1 (FLAGS UID)', ['FLAGS', 'UID'], [], false],
  ['FETCH 1 ALL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE'], ['envelope', 'internalDate', 'size'], false],
  ['FETCH 1 BODY[HEADER.FIELDS (To)]', ['SECTION'], ['header'], true],
  ['FETCH 1 RFC822.HEADER', ['SECTION'], ['header'], false],
  ['FETCH 1 BODY.PEEK[1.HEADER]', ['SECTION'], ['partIndex', 'raw', 'size'], false],
  ['FETCH 1 BODY.PEEK[]<0.10>', ['SECTION'], ['raw', 'size'], false],
  ['FETCH 1 PREVIEW', ['PREVIEW'], ['head', 'partIndex'], false],
  ['FETCH 1 SAVEDATE', ['SAVEDATE'], ['savedAt'], false],
  ['FETCH 1 (FLAGS THREADID)', ['FLAGS', 'THREADID'], [], false],
  ['FETCH 1 (FLAGS EMAILID)', ['FLAGS', 'EMAILID'], ['contentHash', 'internalDate'], false],
  ['FETCH 1 RFC822.TEXT', ['SECTION'], ['partIndex', 'raw', 'size'], true],
])('%s', (...row) => {
  const [line, kinds, fields, marksSeen] = row;
  const plan = planFetch(parsed(line));
  expect(plan.items.map((item) => item.kind)).toEqual(kinds);
  expect(Array.from(plan.fields).sort()).toEqual(fields);
  expect(plan.marksSeen).toBe(marksSeen);
});

it('writes dates as RFC 3501 wants them', () => {
  expect(internalDateText(new Date('2026-02-03T04:05:06.789Z'))).toBe('" 3-Feb-2026 04:05:06 +0000"');
  expect(internalDateText(new Date('1999-12-31T23:59:59Z'))).toBe('"31-Dec-1999 23:59:59 +0000"');
});
