import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../protocol/limits.ts';
import { parseCommand } from '../../protocol/parse-command.ts';
import { capabilitiesUsed } from './capabilities-used.ts';

function used(text: string): readonly string[] {
  const parsed = parseCommand(Buffer.from(`a ${text}`), DEFAULT_LIMITS);
  if (!parsed.ok) throw new Error(parsed.refusal.text);
  return capabilitiesUsed(parsed.command);
}

test.each([
  ['AUTHENTICATE PLAIN', []],
  ['AUTHENTICATE PLAIN AGEAYg==', ['SASL-IR']],
  ['SELECT box', []],
  ['EXAMINE box (CONDSTORE)', ['CONDSTORE']],
  ['CREATE box', []],
  ['CREATE box (USE ())', ['CREATE-SPECIAL-USE']],
  ['CREATE box (USE (\\Sent))', ['CREATE-SPECIAL-USE']],
  ['SELECT box (QRESYNC (1 2))', ['QRESYNC']],
  ['LIST "" *', []],
  ['LIST () "" *', ['LIST-EXTENDED']],
  ['LIST "" (a b)', ['LIST-EXTENDED']],
  ['LIST "" * RETURN (SUBSCRIBED)', ['LIST-EXTENDED']],
  ['LIST "" * RETURN (CHILDREN)', ['LIST-EXTENDED', 'CHILDREN']],
  ['LIST (SPECIAL-USE) "" *', ['LIST-EXTENDED', 'SPECIAL-USE']],
  ['LIST "" * RETURN (STATUS (MESSAGES SIZE))', ['LIST-EXTENDED', 'LIST-STATUS', 'STATUS=SIZE']],
  ['STATUS box (MESSAGES UNSEEN)', []],
  ['STATUS box (HIGHESTMODSEQ APPENDLIMIT)', ['CONDSTORE', 'APPENDLIMIT']],
  ['EXPUNGE', []],
  ['UID EXPUNGE 1', ['UIDPLUS']],
  ['SEARCH UNSEEN', []],
  ['SEARCH RETURN (COUNT) UNSEEN', ['ESEARCH']],
  ['SEARCH OR UNSEEN NOT MODSEQ 5', ['CONDSTORE']],
  ['SEARCH OR UNSEEN NOT YOUNGER 5', ['WITHIN']],
  ['SEARCH RETURN (SAVE) UNSEEN', ['ESEARCH', 'SEARCHRES']],
  ['SEARCH OR UNSEEN $', ['SEARCHRES']],
  ['SEARCH NOT UID $', ['SEARCHRES']],
  ['FETCH $ FLAGS', ['SEARCHRES']],
  ['STORE $ FLAGS (\\Seen)', ['SEARCHRES']],
  ['COPY $ box', ['SEARCHRES']],
  ['UID MOVE $ box', ['SEARCHRES']],
  ['UID EXPUNGE $', ['UIDPLUS', 'SEARCHRES']],
  ['SORT (REVERSE DATE) UTF-8 ALL', []],
  ['UID SORT (SUBJECT DISPLAYTO) UTF-8 MODSEQ 5', ['SORT=DISPLAY', 'CONDSTORE']],
  ['SORT (DATE) UTF-8 OLDER 5 $', ['WITHIN', 'SEARCHRES']],
  ['SORT RETURN (COUNT) (DATE) UTF-8 ALL', ['ESORT']],
  ['UID SORT RETURN (SAVE) (DATE) UTF-8 ALL', ['ESORT', 'SEARCHRES']],
  ['THREAD ORDEREDSUBJECT UTF-8 ALL', ['THREAD=ORDEREDSUBJECT']],
  ['UID THREAD REFERENCES UTF-8 YOUNGER 5 $', ['THREAD=REFERENCES', 'WITHIN', 'SEARCHRES']],
  ['SEARCH RETURN (PARTIAL 1:5) ALL', ['ESEARCH', 'PARTIAL']],
  ['SORT RETURN (PARTIAL -1:-5) (DATE) UTF-8 ALL', ['ESORT', 'PARTIAL']],
  ['UID FETCH 1:* FLAGS (PARTIAL 1:5)', ['PARTIAL']],
  ['SEARCH RETURN (UPDATE) ALL', ['ESEARCH', 'CONTEXT=SEARCH']],
  ['FETCH 1 FLAGS', []],
  ['FETCH 1 MODSEQ', ['CONDSTORE']],
  ['FETCH 1 FLAGS (CHANGEDSINCE 5)', ['CONDSTORE']],
  ['STATUS box (MAILBOXID)', ['OBJECTID']],
  ['SEARCH EMAILID M1', ['OBJECTID']],
  ['SEARCH OR THREADID T1 NOT MODSEQ 5', ['CONDSTORE', 'OBJECTID']],
  ['FETCH 1 EMAILID', ['OBJECTID']],
  ['FETCH 1 (FLAGS THREADID)', ['OBJECTID']],
  ['FETCH 1 (PREVIEW (LAZY) UID)', ['PREVIEW']],
  ['FETCH 1 (INTERNALDATE SAVEDATE)', ['SAVEDATE']],
  ['SEARCH SAVEDON 1-Feb-1994', ['SAVEDATE']],
  ['SEARCH NOT SAVEDATESUPPORTED', ['SAVEDATE']],
  ['FETCH 1 (BODY[1] UID)', []],
  ['FETCH 1 BINARY.PEEK[1]', ['BINARY']],
  ['FETCH 1 (UID BINARY.SIZE[1])', ['BINARY']],
  ['APPEND box {3}', []],
  ['APPEND box ~{3}', ['BINARY']],
  ['REPLACE 1 box {3}', []],
  ['UID REPLACE 1 box ~{3}', ['BINARY']],
  ['UID FETCH 1 FLAGS (CHANGEDSINCE 5 VANISHED)', ['CONDSTORE', 'QRESYNC']],
  ['STORE 1 FLAGS (\\Seen)', []],
  ['STORE 1 (UNCHANGEDSINCE 5) FLAGS (\\Seen)', ['CONDSTORE']],
])('%s', (text, expected) => {
  expect(used(text)).toEqual(expected);
});
