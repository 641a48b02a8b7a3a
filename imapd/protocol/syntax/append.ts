import type { Append, AppendStep, LiteralPlace, Replace } from '../command.ts';
import type { Cursor } from './cursor.ts';
import { dateTime } from './dates.ts';
import { copiedFlags } from './flags.ts';
import { mailbox } from './mailbox.ts';
import { oneMessage } from './numbers.ts';

/** APPEND mailbox message …: RFC 3501, 6.3.11. What is parsed ends where the first literal begins. */
export function append(cursor: Cursor): Append {
  cursor.space();
  const chosen = mailbox(cursor);
  return { name: 'APPEND', mailbox: chosen, steps: messages(cursor) };
}

/** REPLACE number mailbox message: RFC 8508, 3.2. */
export function replace(cursor: Cursor, uid: boolean): Replace {
  cursor.space();
  const set = oneMessage(cursor);
  cursor.space();
  const chosen = mailbox(cursor);
  return { name: 'REPLACE', uid, set, mailbox: chosen, steps: messages(cursor) };
}

/** What stands behind a literal, up to the next one or to the end of the command (RFC 3502; RFC 4469). */
export function furtherSteps(cursor: Cursor, behind: LiteralPlace): readonly AppendStep[] {
  const steps: AppendStep[] = [];
  if (behind === 'utf8' || behind === 'utf8Text') cursor.expect(')');
  if (!WHOLE.includes(behind) && moreParts(cursor, steps) === 'literal') return steps;
  while (!cursor.atEnd) if (message(cursor, steps) === 'literal') break;
  return steps;
}

const UTF8 = /UTF8 \(/iy;
/** Behind these a message is whole. */
const WHOLE: readonly LiteralPlace[] = ['message', 'utf8'];

/** `literal`: one was announced, so nothing more can be read; `whole`: what was begun has ended. */
type Ended = 'literal' | 'whole';

function messages(cursor: Cursor): readonly AppendStep[] {
  const steps: AppendStep[] = [];
  for (let ended = message(cursor, steps); ended === 'whole' && !cursor.atEnd; ) ended = message(cursor, steps);
  return steps;
}

/** SP [(flags) SP] ["date-time" SP] {size}, or UTF8 (~{size}) or CATENATE (part …) in its place. */
function message(cursor: Cursor, steps: AppendStep[]): Ended {
  cursor.space();
  const flags = cursor.next === '(' ? copiedFlags(cursor) : null;
  if (flags !== null) cursor.space();
  const internalDate = cursor.next === '"' ? dateTime(cursor) : null;
  if (internalDate !== null) cursor.space();
  const catenated = cursor.match(/CATENATE \(/iy) !== null;
  steps.push({ kind: 'message', flags: flags ?? [], internalDate, catenated });
  if (!catenated) {
    const place = cursor.match(UTF8) === null ? 'message' : 'utf8';
    return literal(cursor, steps, { place, what: 'a message as a literal' });
  }
  return part(cursor, steps) === 'literal' ? 'literal' : moreParts(cursor, steps);
}

/** SP part …, up to the parenthesis that ends them. */
function moreParts(cursor: Cursor, steps: AppendStep[]): Ended {
  while (!cursor.skip(')')) {
    if (!cursor.skip(' ')) cursor.fail('a space or ")"');
    if (part(cursor, steps) === 'literal') return 'literal';
  }
  return 'whole';
}

/** TEXT {size}, UTF8 (~{size}), or URL and an astring, which may be a literal. */
function part(cursor: Cursor, steps: AppendStep[]): Ended {
  if (cursor.match(UTF8) !== null) return literal(cursor, steps, { place: 'utf8Text', what: 'a literal8' });
  const kind = cursor.oneOf(['TEXT', 'URL'], 'a part of a message');
  cursor.space();
  if (kind === 'TEXT') return literal(cursor, steps, { place: 'text', what: 'a literal' });
  if (cursor.next === '{') return literal(cursor, steps, { place: 'url', what: 'a URL' });
  steps.push({ kind: 'url', url: cursor.astring('a URL') });
  return 'whole';
}

function literal(cursor: Cursor, steps: AppendStep[], expected: { place: LiteralPlace; what: string }): Ended {
  const { place, what } = expected;
  // Only a message may be either (RFC 3516); a part is no literal8 (RFC 4469, 5), what is in UTF8 (…) is one (RFC 6855, 4).
  const eight = place === 'utf8' || place === 'utf8Text';
  if (place !== 'message' && eight !== (cursor.next === '~')) cursor.fail(what);
  steps.push({ kind: 'literal', place, ...cursor.literalHeader(what) });
  return 'literal';
}
