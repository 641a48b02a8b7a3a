import type { GrammarCursor } from './grammar-cursor.ts';
import { modSequence, number, numberSet, nzNumber, type Range } from './numbers.ts';
import { astring, mailbox } from './strings.ts';

const RESULT_NAME = /[A-Z]+/iy;
const PARTIAL_RANGE = /[1-9]\d*:[1-9]\d*|-[1-9]\d*:-[1-9]\d*/y;

export type OldSearch = { readonly ids: readonly number[]; readonly modSeq: number | null };

/** `*(SP nz-number) [SP "(" "MODSEQ" SP mod-sequence-value ")"]` (RFC 7162, 7; RFC 5256): of what was found, if anything. */
export function oldSearch(cursor: GrammarCursor): OldSearch {
  const ids: number[] = [];
  let modSeq: number | null = null;
  while (modSeq === null && cursor.has(' ')) {
    if (cursor.has('(MODSEQ ')) {
      modSeq = modSequence(cursor);
      cursor.expect(')');
    } else ids.push(nzNumber(cursor));
  }
  if (modSeq !== null && ids.length === 0) cursor.fail('no MODSEQ where nothing was found');
  return { ids, modSeq };
}

export type ExtendedSearch = {
  readonly tag: string | null;
  /** Of the ESEARCH command. */
  readonly place: { readonly name: string; readonly uidValidity: number } | null;
  readonly uid: boolean;
  readonly results: ReadonlyMap<string, number | readonly Range[]>;
};

/** `[search-correlator] [SP "UID"] *(SP search-return-data)` (RFC 9051, 7.3.4; RFC 4731; RFC 9394) */
export function extendedSearch(cursor: GrammarCursor): ExtendedSearch {
  const { tag, place } = cursor.has(' (') ? correlator(cursor) : { tag: null, place: null };
  const uid = cursor.has(' UID');
  const results = new Map<string, number | readonly Range[]>();
  while (cursor.has(' ')) {
    const name = cursor.match(RESULT_NAME, 'search result').toUpperCase();
    if (results.has(name)) cursor.fail('each result once');
    cursor.space();
    results.set(name, result(cursor, name));
  }
  // RFC 4731, 3.1: of nothing there is neither a least nor a greatest, nor a set.
  const told = ['MIN', 'MAX', 'ALL', 'MODSEQ'].some((name) => results.has(name));
  if (results.get('COUNT') === 0 && told) cursor.fail('nothing told of nothing');
  // RFC 7377, 2.1: of a mailbox by its name there are UIDs, and something was found.
  if (place !== null && (!uid || results.size === 0 || results.get('COUNT') === 0))
    cursor.fail('UIDs of what was found');
  return { tag, place, uid, results };
}

/** `"(" one-correlator *(SP one-correlator) ")"`, each once (RFC 7377, 4): the tag alone, or all three. */
function correlator(cursor: GrammarCursor): Pick<ExtendedSearch, 'tag' | 'place'> {
  const known = new Map<string, string | number | null>();
  do {
    const name = cursor.match(RESULT_NAME, 'correlator').toUpperCase();
    if (known.has(name)) cursor.fail('each correlator once');
    cursor.space();
    if (name === 'UIDVALIDITY') known.set(name, nzNumber(cursor));
    else if (name === 'MAILBOX') known.set(name, mailbox(cursor));
    else known.set(name, name === 'TAG' ? astring(cursor) : cursor.fail('TAG, MAILBOX or UIDVALIDITY'));
  } while (cursor.has(' '));
  cursor.expect(')');
  const [tag, name, uidValidity] = [known.get('TAG'), known.get('MAILBOX'), known.get('UIDVALIDITY')];
  if (typeof tag !== 'string') return cursor.fail('a tag');
  if (typeof name === 'string' && typeof uidValidity === 'number') return { tag, place: { name, uidValidity } };
  return known.size === 1 ? { tag, place: null } : cursor.fail('a mailbox and its UIDVALIDITY');
}

function result(cursor: GrammarCursor, name: string): number | readonly Range[] {
  if (name === 'RELEVANCY') return scores(cursor);
  if (name === 'MIN' || name === 'MAX') return nzNumber(cursor);
  if (name === 'COUNT') return number(cursor);
  if (name === 'MODSEQ') return modSequence(cursor);
  if (name === 'ALL') return numberSet(cursor);
  if (name === 'ADDTO' || name === 'REMOVEFROM') return placed(cursor);
  if (name !== 'PARTIAL') cursor.fail(`a known search result, not ${name},`);
  cursor.expect('(');
  cursor.match(PARTIAL_RANGE, 'partial-range (RFC 9394)');
  cursor.space();
  const found = cursor.has('NIL') ? [] : numberSet(cursor);
  cursor.expect(')');
  return found;
}

/** `score-list` (RFC 6203, 7), each as a range of one. */
function scores(cursor: GrammarCursor): Range[] {
  const found: Range[] = [];
  cursor.expect('(');
  while (!cursor.has(')')) {
    if (found.length > 0) cursor.space();
    const score = nzNumber(cursor);
    if (score > 100) cursor.fail('a score of 1 to 100');
    found.push([score, score]);
  }
  return found;
}

/** `ret-data-addto` and `ret-data-removefrom` (RFC 5267, 5) of a SEARCH: in no place but that of the mailbox. */
function placed(cursor: GrammarCursor): Range[] {
  cursor.expect('(0 ');
  const found = numberSet(cursor);
  cursor.expect(')');
  return found;
}

/** `[SP 1*thread-list]` (RFC 5256, 5): no message in two places. Gives their numbers. */
export function threads(cursor: GrammarCursor): number[] {
  const members: number[] = [];
  if (cursor.has(' ')) {
    do threadList(cursor, members);
    while (cursor.next === '(');
  }
  if (new Set(members).size < members.length) cursor.fail('each message in one thread');
  return members;
}

/** Threads are as deep as people reply to each other: no recursion. */
function threadList(cursor: GrammarCursor, members: number[]): void {
  const branches: number[] = [];
  do {
    if (cursor.has('(')) {
      const above = branches.length - 1;
      if (above >= 0) branches[above] = (branches[above] ?? 0) + 1;
      branches.push(0);
      if (cursor.next !== '(') threadMembers(cursor, members);
    } else {
      cursor.expect(')');
      // thread-nested = 2*thread-list
      if (branches.pop() === 1) cursor.fail('two branches, or none');
    }
  } while (branches.length > 0);
}

function threadMembers(cursor: GrammarCursor, members: number[]): void {
  members.push(nzNumber(cursor));
  while (cursor.has(' ')) {
    if (cursor.next === '(') return;
    members.push(nzNumber(cursor));
  }
}
