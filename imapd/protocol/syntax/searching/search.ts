import type { MultiSearch, Search } from '../../command.ts';
import { fuzzyWords } from '../../searching/fuzzy-words.ts';
import { isFuzzy, type SearchKey } from '../../searching/search-key.ts';
import { LARGEST_ID, SequenceSet } from '../../sets/sequence-set.ts';
import type { Cursor } from '../cursor.ts';
import { day } from '../dates.ts';
import { mailboxFilters } from '../mailbox-filter.ts';
import { messageSet, nonZero } from '../numbers.ts';
import { SyntaxFault } from '../syntax-fault.ts';
import { type CharsetDecoder, charsetName, searchCharset } from './charset.ts';
import { returnOptions } from './return-options.ts';

const KEY_NAME = /[A-Z]+/iy;
const OBJECT_ID = /^[\w-]{1,255}$/;

/** What a key needs besides the text: the charset of its strings, and how much has been read. */
interface Context {
  readonly cursor: Cursor;
  readonly decode: CharsetDecoder;
  keys: number;
  depth: number;
  /** FUZZY keys around this one. */
  fuzzy: number;
}

type KeyParser = (context: Context) => SearchKey;

/** SEARCH [RETURN (…)] [CHARSET name] key …: RFC 3501, 6.4.4; RFC 4731. */
export function search(cursor: Cursor, uid: boolean): Search {
  cursor.space();
  return { name: 'SEARCH', uid, ...searchProgram(cursor) };
}

/** ESEARCH [IN (…)] [RETURN (…)] [CHARSET name] key …: RFC 7377, 4. */
export function multiSearch(cursor: Cursor): MultiSearch {
  cursor.space();
  const sources = cursor.match(/IN (?=\()/iy) === null ? null : mailboxFilters(cursor);
  if (sources !== null) cursor.space();
  const { returns, namesCharset, key, unknownCharset } = searchProgram(cursor);
  return { name: 'ESEARCH', sources, returns, namesCharset, key, unknownCharset };
}

function searchProgram(cursor: Cursor): Omit<Search, 'name' | 'uid'> {
  const returns = returnOptions(cursor);
  const charset = cursor.match(/CHARSET /iy) === null ? null : charsetName(cursor);
  const keys = searchKeys(cursor, charset);
  if (returns?.items.includes('RELEVANCY') === true) needFuzzy(keys.key);
  return { returns, namesCharset: charset !== null, ...keys };
}

/** RFC 6203, 4 and 6. */
export function needFuzzy(key: SearchKey): void {
  if (!isFuzzy(key)) throw new SyntaxFault('RELEVANCY is of what FUZZY search keys find');
}

/** `key key …` in a charset, null where none is named. */
export function searchKeys(cursor: Cursor, charset: string | null): Pick<Search, 'key' | 'unknownCharset'> {
  const decode = searchCharset(cursor, charset);
  // With a charset that is not known the keys are read all the same: only what is understood can be refused with a reason.
  const context = { cursor, decode: decode ?? ((octets: string) => octets), keys: 0, depth: 0, fuzzy: 0 };
  const keys = [searchKey(context)];
  while (cursor.more()) keys.push(searchKey(context));
  return { key: conjunction(keys), unknownCharset: decode === null };
}

const conjunction = (keys: SearchKey[]): SearchKey => {
  const [first] = keys;
  return keys.length === 1 && first !== undefined ? first : { kind: 'and', keys };
};

function searchKey(context: Context): SearchKey {
  const { cursor } = context;
  const { searchDepth } = cursor.limits;
  count(context, 1);
  if (++context.depth > searchDepth) throw new SyntaxFault(`Search keys nested deeper than ${searchDepth}`);
  const key = anyKey(context);
  context.depth--;
  return key;
}

function count(context: Context, keys: number): void {
  const { searchKeys: most } = context.cursor.limits;
  context.keys += keys;
  if (context.keys > most) throw new SyntaxFault(`More than ${most} search keys`);
}

function anyKey(context: Context): SearchKey {
  const { cursor } = context;
  if (/[\d*$]/.test(cursor.next)) return { kind: 'sequence', set: messageSet(cursor) };
  if (cursor.next === '(') {
    const limit = { of: 'search keys', most: cursor.limits.searchKeys };
    const keys = cursor.list(() => searchKey(context), limit);
    return keys.length > 0 ? conjunction(keys) : cursor.fail('a search key');
  }
  const name = (cursor.match(KEY_NAME)?.[0] ?? cursor.fail('a search key')).toUpperCase();
  const parse = KEYS.get(name);
  if (parse === undefined) throw new SyntaxFault(`Unknown search key ${name.slice(0, 40)}`);
  return parse(context);
}

const flag = (name: string, set: boolean): KeyParser => {
  return () => ({ kind: 'flag', flag: name, set });
};

const keywordKey = (set: boolean): KeyParser => {
  return ({ cursor }) => {
    cursor.space();
    // One that is too long to be set is searched for in vain, not refused.
    return { kind: 'flag', flag: cursor.atom('a keyword'), set };
  };
};

/** The string a key looks for, as Unicode. In FUZZY each of its words is sought by itself, and counts as a key. */
function value(context: Context): string {
  const { cursor, decode, fuzzy: around } = context;
  cursor.space();
  const text = decode(cursor.astring('a string to search for'));
  if (around > 0) count(context, fuzzyWords(text).length);
  return text;
}

const header = (field: string): KeyParser => {
  return (context) => ({ kind: 'header', field, value: value(context) });
};

const anyHeader: KeyParser = (context) => {
  context.cursor.space();
  const field = context.cursor.text('a field name');
  return { kind: 'header', field, value: value(context) };
};

const date = (kind: 'internalDate' | 'sentDate' | 'savedDate', relation: 'before' | 'on' | 'since'): KeyParser => {
  return ({ cursor }) => {
    cursor.space();
    return { kind, relation, day: day(cursor) };
  };
};

const size = (relation: 'larger' | 'smaller'): KeyParser => {
  return ({ cursor }) => {
    cursor.space();
    return { kind: 'size', relation, octets: cursor.number('a number of octets') };
  };
};

/** RFC 5032, 3. */
const age = (relation: 'older' | 'younger'): KeyParser => {
  return ({ cursor }) => {
    cursor.space();
    return { kind: 'age', relation, seconds: nonZero(cursor, 'a number of seconds above 0') };
  };
};

const not: KeyParser = (context) => {
  context.cursor.space();
  return { kind: 'not', key: searchKey(context) };
};

/** RFC 6203, 7. */
const fuzzy: KeyParser = (context) => {
  context.cursor.space();
  context.fuzzy++;
  const key = searchKey(context);
  context.fuzzy--;
  return { kind: 'fuzzy', key };
};

const or: KeyParser = (context) => {
  context.cursor.space();
  const left = searchKey(context);
  context.cursor.space();
  return { kind: 'or', left, right: searchKey(context) };
};

const uid: KeyParser = ({ cursor }) => {
  cursor.space();
  return { kind: 'uid', set: messageSet(cursor) };
};

/** UIDAFTER and UIDBEFORE (RFC 9738, 3.2): unlike a set with `*`, they may name nothing. */
const uidRange = (ofUid: (uid: number) => readonly [first: number, last: number]): KeyParser => {
  return ({ cursor }) => {
    cursor.space();
    const [first, last] = ofUid(nonZero(cursor, 'a UID'));
    if (first > last) return { kind: 'not', key: { kind: 'all' } };
    return { kind: 'uid', set: SequenceSet.ofBounds([first, last]) };
  };
};

/** MODSEQ ["/flags/\\Draft" all] n: the entry narrows nothing where all flags share one mod-sequence (RFC 7162, 3.1.5). */
const modseq: KeyParser = ({ cursor }) => {
  cursor.space();
  if (cursor.next === '"') {
    cursor.string('an entry name');
    cursor.space();
    cursor.oneOf(['PRIV', 'SHARED', 'ALL'], 'a type of entry');
    cursor.space();
  }
  return { kind: 'modseq', atLeast: cursor.modSequence() };
};

/** EMAILID and THREADID: RFC 8474, 6 and 7. */
const objectId = (kind: 'emailId' | 'threadId'): KeyParser => {
  return ({ cursor }) => {
    cursor.space();
    const id = cursor.astring('an object identifier');
    if (!OBJECT_ID.test(id)) throw new SyntaxFault('An object identifier has 1 to 255 letters, digits, "_" and "-"');
    return { kind, id };
  };
};

const KEYS: ReadonlyMap<string, KeyParser> = new Map<string, KeyParser>([
  ['ALL', () => ({ kind: 'all' })],
  ['ANSWERED', flag('\\Answered', true)],
  ['UNANSWERED', flag('\\Answered', false)],
  ['DELETED', flag('\\Deleted', true)],
  ['UNDELETED', flag('\\Deleted', false)],
  ['DRAFT', flag('\\Draft', true)],
  ['UNDRAFT', flag('\\Draft', false)],
  ['FLAGGED', flag('\\Flagged', true)],
  ['UNFLAGGED', flag('\\Flagged', false)],
  ['SEEN', flag('\\Seen', true)],
  ['UNSEEN', flag('\\Seen', false)],
  ['KEYWORD', keywordKey(true)],
  ['UNKEYWORD', keywordKey(false)],
  ['RECENT', () => ({ kind: 'recent', set: true })],
  ['OLD', () => ({ kind: 'recent', set: false })],
  [
    'NEW',
    () => ({
      kind: 'and',
      keys: [
        { kind: 'recent', set: true },
        { kind: 'flag', flag: '\\Seen', set: false },
      ],
    }),
  ],
  ['BCC', header('Bcc')],
  ['CC', header('Cc')],
  ['FROM', header('From')],
  ['SUBJECT', header('Subject')],
  ['TO', header('To')],
  ['HEADER', anyHeader],
  ['BODY', (context) => ({ kind: 'body', value: value(context) })],
  ['TEXT', (context) => ({ kind: 'text', value: value(context) })],
  ['BEFORE', date('internalDate', 'before')],
  ['ON', date('internalDate', 'on')],
  ['SINCE', date('internalDate', 'since')],
  ['SENTBEFORE', date('sentDate', 'before')],
  ['SENTON', date('sentDate', 'on')],
  ['SENTSINCE', date('sentDate', 'since')],
  ['SAVEDBEFORE', date('savedDate', 'before')],
  ['SAVEDON', date('savedDate', 'on')],
  ['SAVEDSINCE', date('savedDate', 'since')],
  ['SAVEDATESUPPORTED', () => ({ kind: 'saveDateSupported' })],
  ['OLDER', age('older')],
  ['YOUNGER', age('younger')],
  ['LARGER', size('larger')],
  ['SMALLER', size('smaller')],
  ['NOT', not],
  ['OR', or],
  ['FUZZY', fuzzy],
  ['UID', uid],
  ['UIDAFTER', uidRange((after) => [after + 1, LARGEST_ID])],
  ['UIDBEFORE', uidRange((before) => [1, before - 1])],
  ['MODSEQ', modseq],
  ['EMAILID', objectId('emailId')],
  ['THREADID', objectId('threadId')],
]);
