import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from './limits.ts';
import { parseCommand } from './parse-command.ts';

const parse = (text: string) => parseCommand(Buffer.from(text, 'latin1'), DEFAULT_LIMITS);

/** The command in `text`, sets as text. */
function command(text: string) {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(parsed.refusal.text);
  return JSON.parse(JSON.stringify(parsed.command, (_, value) => (value?.bounds === undefined ? value : `${value}`)));
}

describe('SEARCH, what is based on it, and what takes its result', () => {
  it.each([
    ['a1 SEARCH YOUNGER 259200', { key: { kind: 'age', relation: 'younger', seconds: 259200 } }],
    ['A282 SEARCH RETURN (MIN COUNT) FLAGGED', { returns: { items: ['MIN', 'COUNT'], save: false, partial: null } }],
    ['A283 SEARCH RETURN () FLAGGED', { returns: { items: ['ALL'], save: false, partial: null } }],
    ['A284 SEARCH RETURN (MAX SAVE MIN) FLAGGED', { returns: { items: ['MAX', 'MIN'], save: true, partial: null } }],
    ['a SEARCH RETURN (UPDATE) ALL', { returns: { items: [], update: true, context: false } }],
    ['a SEARCH RETURN (CONTEXT) ALL', { returns: { items: ['ALL'], update: false, context: true } }],
    ['A282 SEARCH return (save) SINCE 1-Feb-1994', { returns: { items: [], save: true, partial: null } }],
    ['A283 FETCH $ (UID FLAGS)', { uid: false, set: '$' }],
    ['A301 UID SEARCH UID $ SMALLER 4096', { key: { keys: [{ kind: 'uid', set: '$' }, { kind: 'size' }] } }],
    ['P283 SEARCH CHARSET UTF-8 (OR $ 1,3000:3021) TEXT {1}\r\nY', { key: { keys: [{ left: { set: '$' } }, {}] } }],
    ['F283 COPY $ Junk', { set: '$', mailbox: 'Junk' }],
    ['F284 STORE $ +FLAGS.Silent (\\Deleted)', { set: '$', silent: true }],
    ['F285 UID EXPUNGE $', { uids: '$' }],
    [
      'A283 SORT (SUBJECT REVERSE DATE) UTF-8 SINCE 1-Feb-1994',
      {
        name: 'SORT',
        uid: false,
        criteria: [
          { key: 'SUBJECT', reverse: false },
          { key: 'DATE', reverse: true },
        ],
        key: { kind: 'internalDate', day: '1994-02-01' },
      },
    ],
    ['A284 uid sort (reverse DisplayFrom) us-ascii TEXT "not in mailbox"', { name: 'SORT', uid: true }],
    [
      'E01 UID SORT RETURN () (REVERSE DATE) UTF-8 UNDELETED UNKEYWORD $Junk',
      { name: 'SORT', uid: true, returns: { items: ['ALL'], save: false, partial: null }, key: { kind: 'and' } },
    ],
    ['A285 SORT (ARRIVAL) "x-none" ALL', { unknownCharset: true }],
    [
      'A283 THREAD ORDEREDSUBJECT UTF-8 SINCE 5-MAR-2000',
      { name: 'THREAD', uid: false, algorithm: 'ORDEREDSUBJECT', key: { day: '2000-03-05' } },
    ],
    ['A285 UID THREAD references US-ASCII TEXT "gewp"', { uid: true, algorithm: 'REFERENCES' }],
    [
      'A01 UID SEARCH RETURN (PARTIAL -1:-100) UNDELETED UNKEYWORD $Junk',
      { returns: { items: [], save: false, partial: { from: 1, to: 100, fromEnd: true } } },
    ],
    [
      'A02 SEARCH RETURN (SAVE MIN partial 24000:23500) ALL',
      { returns: { items: ['MIN'], save: true, partial: { from: 24000, to: 23500, fromEnd: false } } },
    ],
    [
      '101 UID FETCH 25900:26600 (UID FLAGS) (PARTIAL -1:-30 CHANGEDSINCE 98305)',
      { partial: { from: 1, to: 30, fromEnd: true }, changedSince: 98305 },
    ],
    [
      '101 UID FETCH 25900:26600 (UID FLAGS) (CHANGEDSINCE 98305 PARTIAL 1:5)',
      { partial: { from: 1, to: 5, fromEnd: false }, changedSince: 98305 },
    ],
  ])('%s', (text, expected) => {
    expect(command(text)).toMatchObject(expected);
  });

  it.each([
    ['a SEARCH OLDER 0', 'a', 'Expected a number of seconds above 0 at octet 16, found "0"'],
    [
      'a SEARCH RETURN (UPDATES) ALL',
      'a',
      'Expected a return option (MIN, MAX, ALL, COUNT, SAVE, PARTIAL, UPDATE, CONTEXT, RELEVANCY) at octet 18, found "U"',
    ],
    ['a SORT () UTF-8 ALL', 'a', 'Expected a sort criterion at octet 10, found " "'],
    ['a SORT DATE UTF-8 ALL', 'a', 'Expected "(" at octet 8, found "D"'],
    ['a SORT (DATE) UTF-8', 'a', 'Expected a space at octet 20, found the end'],
    ['a SORT (REVERSE) UTF-8 ALL', 'a', expect.stringContaining('Expected a sort criterion (ARRIVAL, CC, DATE')],
    [
      'a THREAD REFS UTF-8 ALL',
      'a',
      'Expected a threading algorithm (ORDEREDSUBJECT, REFERENCES) at octet 10, found "R"',
    ],
    ['a SEARCH RETURN (ALL PARTIAL 1:2) ALL', 'a', 'Either ALL or PARTIAL can be returned, not both'],
    ['a SEARCH RETURN (PARTIAL 1:2 PARTIAL 3:4) ALL', 'a', 'PARTIAL can be asked for once'],
    ['a SEARCH RETURN (PARTIAL 1:*) ALL', 'a', 'Expected a position above 0 at octet 28, found "*"'],
    ['a SEARCH RETURN (PARTIAL -1:2) ALL', 'a', 'Expected "-" at octet 29, found "2"'],
    ['a SEARCH RETURN (PARTIAL 0:2) ALL', 'a', 'Expected a position such as 1 or -1 at octet 26, found "0"'],
    ['a FETCH 1:* FLAGS (PARTIAL 1:2)', 'a', 'PARTIAL goes with UID FETCH'],
    ['a UID FETCH 1 FLAGS ()', 'a', 'Expected a fetch modifier at octet 23, found the end'],
    ['a FETCH $,1 FLAGS', 'a', 'Expected a space at octet 10, found ","'],
    ['a FETCH 1,$ FLAGS', 'a', 'Expected a message number, UID or "*" at octet 11, found "$"'],
    ['a UID FETCH $:* FLAGS', 'a', 'Expected a space at octet 14, found ":"'],
  ])('%j is refused', (text, tag, expected) => {
    expect(parse(text)).toMatchObject({ ok: false, refusal: { tag, status: 'BAD', text: expected } });
  });
});
