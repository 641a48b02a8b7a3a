import { capabilities } from './capabilities.ts';
import { flagList } from './flags.ts';
import type { GrammarCursor } from './grammar-cursor.ts';
import { modSequence, number, numberSet, nzNumber, type Range, sizeOf } from './numbers.ts';
import { atom, objectId, quoted } from './strings.ts';

export type ResponseCode = {
  readonly name: string;
  readonly numbers: readonly number[];
  readonly sets: readonly (readonly Range[])[];
  readonly words: readonly string[];
};

type Arguments = Partial<Omit<ResponseCode, 'name'>>;
type Production = (cursor: GrammarCursor) => Arguments;

const none: Production = () => ({});
const spaced =
  (inner: Production): Production =>
  (cursor) => {
    cursor.space();
    return inner(cursor);
  };
const oneNumber = (production: (cursor: GrammarCursor) => number): Production =>
  spaced((cursor) => ({ numbers: [production(cursor)] }));

/** Codes without arguments: RFC 3501, RFC 9051, RFC 5530 and the extensions that are offered. */
const BARE = [
  ...['ALERT', 'PARSE', 'READ-ONLY', 'READ-WRITE', 'TRYCREATE', 'UIDNOTSTICKY', 'UNAVAILABLE', 'AUTHENTICATIONFAILED'],
  ...['AUTHORIZATIONFAILED', 'EXPIRED', 'PRIVACYREQUIRED', 'CONTACTADMIN', 'NOPERM', 'INUSE', 'EXPUNGEISSUED'],
  ...['CORRUPTION', 'SERVERBUG', 'CLIENTBUG', 'CANNOT', 'LIMIT', 'OVERQUOTA', 'ALREADYEXISTS', 'NONEXISTENT'],
  // RFC 5182; RFC 9051; RFC 3516; RFC 7889; RFC 6154; RFC 4978; RFC 9586.
  ...[
    'NOTSAVED',
    'HASCHILDREN',
    'CLOSED',
    'UNKNOWN-CTE',
    'TOOBIG',
    'USEATTR',
    'COMPRESSIONACTIVE',
    'UIDREQUIRED',
    'NOTIFICATIONOVERFLOW',
  ],
];

const CODES: ReadonlyMap<string, Production> = new Map<string, Production>([
  ...BARE.map((name): [string, Production] => [name, none]),
  ['BADCHARSET', badCharset],
  ['BADURL', spaced((cursor) => ({ words: [urlText(cursor)] }))],
  ['CAPABILITY', (cursor) => ({ words: capabilities(cursor) })],
  ['PERMANENTFLAGS', spaced((cursor) => ({ words: flagList(cursor, '\\*') }))],
  ['UIDNEXT', oneNumber(nzNumber)],
  ['UIDVALIDITY', oneNumber(nzNumber)],
  ['UNSEEN', unseen],
  ['APPENDUID', spaced(appendUid)],
  ['COPYUID', spaced(copyUid)],
  ['HIGHESTMODSEQ', oneNumber(modSequence)],
  ['MODIFIED', spaced((cursor) => ({ sets: [numberSet(cursor)] }))],
  ['MAILBOXID', spaced((cursor) => ({ words: [inParentheses(cursor)] }))],
  ['INPROGRESS', inProgress],
  // RFC 5465, 8.
  ['BADEVENT', spaced((cursor) => ({ words: cursor.list(atom, { least: 1 }) }))],
  // RFC 5267, 5.
  ['NOUPDATE', spaced((cursor) => ({ words: [quoted(cursor)] }))],
  ['METADATA', spaced(metadata)],
  ['MESSAGELIMIT', messageLimit],
]);

/** `"[" resp-text-code "]" SP`. A code that no document defines for what is offered here is a mistake of the server. */
export function responseCode(cursor: GrammarCursor): ResponseCode {
  cursor.expect('[');
  const name = atom(cursor).toUpperCase();
  const production = CODES.get(name) ?? cursor.fail(`a response code that is defined, not ${name},`);
  const found = production(cursor);
  cursor.expect('] ');
  return { name, numbers: [], sets: [], words: [], ...found };
}

function badCharset(cursor: GrammarCursor): Arguments {
  if (!cursor.has(' ')) return {};
  return { words: cursor.list((at) => (at.next === '"' ? quoted(at) : atom(at)), { least: 1 }) };
}

/** RFC 9051, appendix E: there is no UNSEEN code any more. */
function unseen(cursor: GrammarCursor): Arguments {
  if (cursor.dialect.rev2) cursor.fail('no UNSEEN in IMAP4rev2');
  return oneNumber(nzNumber)(cursor);
}

/** RFC 4315, 4, with the set of RFC 3502. */
function appendUid(cursor: GrammarCursor): Arguments {
  const validity = nzNumber(cursor);
  cursor.space();
  return { numbers: [validity], sets: [numberSet(cursor)] };
}

/** RFC 4315, 3: the same number of UIDs in both sets. */
function copyUid(cursor: GrammarCursor): Arguments {
  const validity = nzNumber(cursor);
  cursor.space();
  const from = numberSet(cursor);
  cursor.space();
  const to = numberSet(cursor);
  if (sizeOf(from) !== sizeOf(to)) cursor.fail(`${sizeOf(from)} UIDs of copies, not ${sizeOf(to)},`);
  return { numbers: [validity], sets: [from, to] };
}

/** RFC 4469, 5; what is no ASCII is not sent here. */
const urlText = (cursor: GrammarCursor): string => cursor.match(/[\x21-\x5c\x5e-\x7e]+/y, 'the text of a URL');

/** RFC 9738, 5. */
function messageLimit(cursor: GrammarCursor): Arguments {
  const { numbers = [] } = oneNumber(nzNumber)(cursor);
  if (!cursor.has(' ')) return { numbers };
  return { numbers: [...numbers, nzNumber(cursor)] };
}

/** RFC 5464, 5. */
function metadata(cursor: GrammarCursor): Arguments {
  const word = atom(cursor).toUpperCase();
  if (word === 'LONGENTRIES' || word === 'MAXSIZE') return { words: [word], ...oneNumber(number)(cursor) };
  return word === 'TOOMANY' || word === 'NOPRIVATE' ? { words: [word] } : cursor.fail('what RFC 5464 says');
}

function inParentheses(cursor: GrammarCursor): string {
  cursor.expect('(');
  const id = objectId(cursor);
  cursor.expect(')');
  return id;
}

/** RFC 9585, 4: what is done and the goal, as far as they are known. */
function inProgress(cursor: GrammarCursor): Arguments {
  if (!cursor.has(' ')) return {};
  cursor.expect('(');
  if (!cursor.has('NIL')) quoted(cursor);
  cursor.space();
  const done = cursor.has('NIL') ? null : number(cursor);
  cursor.space();
  const goal = cursor.has('NIL') ? null : nzNumber(cursor);
  cursor.expect(')');
  if (goal !== null && (done === null || done > goal)) cursor.fail('progress up to its goal');
  return {};
}
