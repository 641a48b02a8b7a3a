import { aclData, listRightsData, myRightsData } from './acl-data.ts';
import { capabilities } from './capabilities.ts';
import { type FetchValue, messageAttributes } from './fetch-data.ts';
import { flagList } from './flags.ts';
import { type Dialect, GrammarCursor, type Literal } from './grammar-cursor.ts';
import { type Listed, mailboxList } from './list.ts';
import { identification, namespaces, type Status, status } from './mailbox-data.ts';
import { metadata } from './metadata-data.ts';
import { number, numberSet, type Range } from './numbers.ts';
import { quota, quotaRoots } from './quota-data.ts';
import { type ResponseCode, responseCode } from './response-code.ts';
import { type ExtendedSearch, extendedSearch, type OldSearch, oldSearch, threads } from './search-data.ts';
import { atom, tag, text } from './strings.ts';

/** One response, as far as anybody here looks into it. */
export type Response =
  | { readonly kind: 'continuation' }
  | {
      readonly kind: 'condition';
      /** null: untagged. */
      readonly tag: string | null;
      readonly status: 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH';
      readonly code: ResponseCode | null;
      readonly text: string;
    }
  | { readonly kind: 'exists' | 'recent'; readonly count: number }
  | { readonly kind: 'expunge'; readonly sequence: number }
  | { readonly kind: 'fetch'; readonly sequence: number; readonly items: ReadonlyMap<string, FetchValue> }
  | { readonly kind: 'uidFetch'; readonly uid: number; readonly items: ReadonlyMap<string, FetchValue> }
  | { readonly kind: 'vanished'; readonly earlier: boolean; readonly uids: readonly Range[] }
  | ({ readonly kind: 'search' | 'sort' } & OldSearch)
  | ({ readonly kind: 'esearch' } & ExtendedSearch)
  | { readonly kind: 'thread'; readonly ids: readonly number[] }
  | ({ readonly kind: 'list' | 'lsub' } & Listed)
  | ({ readonly kind: 'status' } & Status)
  | { readonly kind: 'enabled' | 'capability' | 'flags'; readonly words: readonly string[] }
  | { readonly kind: 'id' | 'namespace' | Unread };

export type WholeResponse = {
  /** The octets as latin1, CRLF at the end, LITERAL_MARK where those of a literal stood. */
  readonly text: string;
  readonly literals: readonly Literal[];
};

/** What nobody here looks into. */
type Unread = 'quota' | 'quotaRoot' | 'metadata' | 'acl' | 'listRights' | 'myRights';

const CONDITION = /(?:OK|NO|BAD|BYE|PREAUTH)(?= )/iy;
const KEYWORD = /[A-Z]+/iy;
const BASE64 = /(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?=\r\n)/y;

/** `continue-req / response-data / response-done` (RFC 9051, 9). @throws GrammarViolation */
export function parseResponse({ text: octets, literals }: WholeResponse, dialect: Dialect): Response {
  const cursor = new GrammarCursor(octets, literals, dialect);
  const response = anyResponse(cursor);
  cursor.expect('\r\n');
  cursor.end();
  return response;
}

function anyResponse(cursor: GrammarCursor): Response {
  if (cursor.has('+ ')) return continuation(cursor);
  if (!cursor.has('* ')) return tagged(cursor);
  const condition = cursor.tryMatch(CONDITION);
  if (condition !== null) return conditionResponse(cursor, null, condition);
  return /\d/.test(cursor.next) ? numbered(cursor) : named(cursor);
}

/** `resp-text / base64` */
function continuation(cursor: GrammarCursor): Response {
  if (cursor.tryMatch(BASE64) === null) responseText(cursor);
  return { kind: 'continuation' };
}

function tagged(cursor: GrammarCursor): Response {
  const name = tag(cursor);
  cursor.space();
  const condition = cursor.match(CONDITION, 'OK, NO or BAD').toUpperCase();
  if (condition === 'BYE' || condition === 'PREAUTH') cursor.fail(`no tag with ${condition}`);
  return conditionResponse(cursor, name, condition);
}

function conditionResponse(cursor: GrammarCursor, name: string | null, condition: string): Response {
  cursor.space();
  const told = condition.toUpperCase() as 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH';
  return { kind: 'condition', tag: name, status: told, ...responseText(cursor) };
}

function responseText(cursor: GrammarCursor): { readonly code: ResponseCode | null; readonly text: string } {
  const code = cursor.next === '[' ? responseCode(cursor) : null;
  return { code, text: text(cursor) };
}

function numbered(cursor: GrammarCursor): Response {
  const sequence = number(cursor);
  cursor.space();
  if (cursor.has('EXISTS')) return { kind: 'exists', count: sequence };
  if (cursor.has('RECENT')) {
    return cursor.dialect.rev2 ? cursor.fail('no RECENT in IMAP4rev2') : { kind: 'recent', count: sequence };
  }
  if (sequence === 0) cursor.fail('a message number');
  if (cursor.dialect.uidOnly) return uidFetch(cursor, sequence);
  if (cursor.has('FETCH ')) return { kind: 'fetch', sequence, items: messageAttributes(cursor) };
  cursor.expect('EXPUNGE');
  // RFC 7162, 3.2.10.
  if (cursor.dialect.qresync) cursor.fail('VANISHED in place of EXPUNGE after ENABLE QRESYNC');
  return { kind: 'expunge', sequence };
}

/** RFC 9586: nothing else of one message is told any more. */
function uidFetch(cursor: GrammarCursor, uid: number): Response {
  cursor.expect('UIDFETCH ');
  const items = messageAttributes(cursor);
  if ((items.get('UID') ?? uid) !== uid) cursor.fail(`UID ${uid}`);
  return { kind: 'uidFetch', uid, items };
}

const NAMED: ReadonlyMap<string, (cursor: GrammarCursor) => Response> = new Map<
  string,
  (cursor: GrammarCursor) => Response
>([
  ['CAPABILITY', (cursor) => ({ kind: 'capability', words: capabilities(cursor) })],
  ['ENABLED', (cursor) => ({ kind: 'enabled', words: words(cursor) })],
  ['FLAGS', flags],
  ['LIST', (cursor) => ({ kind: 'list', ...mailboxList(cursor, 'LIST') })],
  ['LSUB', (cursor) => ({ kind: 'lsub', ...mailboxList(cursor, 'LSUB') })],
  ['STATUS', (cursor) => ({ kind: 'status', ...status(cursor) })],
  ['SEARCH', search],
  ['SORT', (cursor) => ({ kind: 'sort', ...oldSearch(cursor) })],
  ['ESEARCH', (cursor) => ({ kind: 'esearch', ...extendedSearch(cursor) })],
  ['THREAD', (cursor) => ({ kind: 'thread', ids: threads(cursor) })],
  ['VANISHED', vanished],
  ['NAMESPACE', namespace],
  ['ID', id],
  ['QUOTA', unread('quota', quota)],
  ['QUOTAROOT', unread('quotaRoot', quotaRoots)],
  ['METADATA', unread('metadata', metadata)],
  ['ACL', unread('acl', aclData)],
  ['LISTRIGHTS', unread('listRights', listRightsData)],
  ['MYRIGHTS', unread('myRights', myRightsData)],
]);

function unread(kind: Unread, production: (cursor: GrammarCursor) => void) {
  return (cursor: GrammarCursor): Response => {
    production(cursor);
    return { kind };
  };
}

function named(cursor: GrammarCursor): Response {
  const name = cursor.match(KEYWORD, 'response').toUpperCase();
  const production = NAMED.get(name) ?? cursor.fail(`a response that is defined, not ${name},`);
  return production(cursor);
}

function words(cursor: GrammarCursor): string[] {
  const found: string[] = [];
  while (cursor.has(' ')) found.push(atom(cursor));
  return found;
}

function flags(cursor: GrammarCursor): Response {
  cursor.space();
  return { kind: 'flags', words: flagList(cursor, null) };
}

/** RFC 9051, appendix E: SEARCH is answered by ESEARCH alone. */
function search(cursor: GrammarCursor): Response {
  if (cursor.dialect.rev2) cursor.fail('ESEARCH in IMAP4rev2');
  return { kind: 'search', ...oldSearch(cursor) };
}

/** RFC 7162, 3.2.10: only to who has enabled QRESYNC, or UIDONLY (RFC 9586). */
function vanished(cursor: GrammarCursor): Response {
  const { qresync, uidOnly } = cursor.dialect;
  if (!qresync && !uidOnly) cursor.fail('EXPUNGE: neither QRESYNC nor UIDONLY is enabled');
  cursor.space();
  const earlier = cursor.has('(EARLIER) ');
  return { kind: 'vanished', earlier, uids: numberSet(cursor) };
}

function namespace(cursor: GrammarCursor): Response {
  namespaces(cursor);
  return { kind: 'namespace' };
}

function id(cursor: GrammarCursor): Response {
  identification(cursor);
  return { kind: 'id' };
}
