import type { Fetch } from '../command.ts';
import type { FetchAttribute, FetchBinary, FetchBinarySize, FetchItem, FetchSection } from '../fetch-item.ts';
import type { Section } from '../section.ts';
import type { Cursor } from './cursor.ts';
import { messageSet } from './numbers.ts';
import { resultRange } from './searching/result-range.ts';
import { partialRange, section, sectionLabel, sectionPart } from './section.ts';
import { SyntaxFault } from './syntax-fault.ts';

const ATTRIBUTES: readonly FetchAttribute['kind'][] = [
  'FLAGS',
  'UID',
  'INTERNALDATE',
  'SAVEDATE',
  'RFC822.SIZE',
  'ENVELOPE',
  'BODY',
  'BODYSTRUCTURE',
  'MODSEQ',
  'EMAILID',
  'THREADID',
];

const FAST: readonly FetchAttribute['kind'][] = ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE'];
/** RFC 3501, 6.4.5. A macro stands alone, never in parentheses. */
const MACROS = new Map<string, readonly FetchAttribute['kind'][]>([
  ['FAST', FAST],
  ['ALL', [...FAST, 'ENVELOPE']],
  ['FULL', [...FAST, 'ENVELOPE', 'BODY']],
]);

/** RFC 822 names of sections; only the header may be read without setting `\Seen`. */
const RFC822 = new Map<string, { readonly section: Section; readonly peek: boolean }>([
  ['RFC822', { section: { part: [], text: null }, peek: false }],
  ['RFC822.HEADER', { section: { part: [], text: { kind: 'HEADER' } }, peek: true }],
  ['RFC822.TEXT', { section: { part: [], text: { kind: 'TEXT' } }, peek: false }],
]);

const ITEM_NAME = /[A-Z0-9.]+/iy;
/** Modifiers of PREVIEW (RFC 8970, 6). Behind a PREVIEW without parentheses those of FETCH may stand as well. */
const LAZY = / \(LAZY(?: LAZY)*\)/iy;

/** FETCH set items [(CHANGEDSINCE n [VANISHED] PARTIAL range)]: RFC 3501, 6.4.5; RFC 7162, 3.1.4 and 3.2.6; RFC 9394, 3.3. */
export function fetch(cursor: Cursor, uid: boolean): Fetch {
  cursor.space();
  const set = messageSet(cursor);
  cursor.space();
  const items = distinct(fetchItems(cursor));
  const { changedSince, vanished, partial } = cursor.more() ? fetchModifiers(cursor) : NO_MODIFIERS;
  if (vanished && !uid) throw new SyntaxFault('VANISHED is for UID FETCH');
  if (vanished && changedSince === null) throw new SyntaxFault('VANISHED needs CHANGEDSINCE');
  if (partial !== null && !uid) throw new SyntaxFault('PARTIAL goes with UID FETCH');
  // RFC 7162, 3.1.4.1: whoever asks with CHANGEDSINCE is told the mod-sequence as well.
  if (changedSince !== null && !items.some((item) => item.kind === 'MODSEQ')) items.push({ kind: 'MODSEQ' });
  return { name: 'FETCH', uid, set, items, changedSince, vanished, partial };
}

function fetchItems(cursor: Cursor): FetchItem[] {
  if (cursor.next !== '(') {
    const name = itemName(cursor);
    const macro = MACROS.get(name);
    return macro?.map((kind) => ({ kind })) ?? [fetchItem(cursor, name)];
  }
  const limit = { of: 'fetch items', most: cursor.limits.fetchItems };
  const items = cursor.list(() => fetchItem(cursor, itemName(cursor)), limit);
  return items.length > 0 ? items : cursor.fail('something to fetch');
}

/** `(fetch-att …)` without macros: what is told of messages as they arrive (RFC 5465, 8). */
export function fetchAttributes(cursor: Cursor): readonly FetchItem[] {
  const limit = { of: 'fetch items', most: cursor.limits.fetchItems };
  const items = cursor.list(() => fetchItem(cursor, itemName(cursor)), limit);
  return items.length > 0 ? distinct(items) : cursor.fail('something to fetch');
}

const itemName = (cursor: Cursor): string =>
  (cursor.match(ITEM_NAME)?.[0] ?? cursor.fail('a fetch item')).toUpperCase();

function fetchItem(cursor: Cursor, name: string): FetchItem {
  if (cursor.next === '[' && (name === 'BODY' || name === 'BODY.PEEK'))
    return bodySection(cursor, name === 'BODY.PEEK');
  if (name === 'BINARY' || name === 'BINARY.PEEK') return binary(cursor, name === 'BINARY.PEEK');
  if (name === 'BINARY.SIZE') return binarySize(cursor);
  if (name === 'PREVIEW') return { kind: 'PREVIEW', lazy: cursor.match(LAZY) !== null };
  const alias = RFC822.get(name);
  if (alias !== undefined) return { kind: 'SECTION', label: name, ...alias, partial: null };
  const kind = ATTRIBUTES.find((attribute) => attribute === name);
  if (kind === undefined) throw new SyntaxFault(`Unknown fetch item ${name.slice(0, 40)}`);
  return { kind };
}

function bodySection(cursor: Cursor, peek: boolean): FetchSection {
  const wanted = section(cursor);
  const partial = partialRange(cursor);
  const label = `BODY${sectionLabel(wanted)}${partial === null ? '' : `<${partial.offset}>`}`;
  return { kind: 'SECTION', label, section: wanted, peek, partial };
}

/** BINARY[.PEEK] [part] [partial]: RFC 3516, 4.2. */
function binary(cursor: Cursor, peek: boolean): FetchBinary {
  const part = sectionPart(cursor);
  const partial = partialRange(cursor);
  const label = `BINARY[${part.join('.')}]${partial === null ? '' : `<${partial.offset}>`}`;
  return { kind: 'BINARY', label, part, peek, partial };
}

function binarySize(cursor: Cursor): FetchBinarySize {
  const part = sectionPart(cursor);
  return { kind: 'BINARY.SIZE', label: `BINARY.SIZE[${part.join('.')}]`, part };
}

type Modifiers = Pick<Fetch, 'changedSince' | 'vanished' | 'partial'>;

const NO_MODIFIERS: Modifiers = { changedSince: null, vanished: false, partial: null };

function fetchModifiers(cursor: Cursor): Modifiers {
  const all = cursor.list(() => fetchModifier(cursor), { of: 'fetch modifiers', most: 8 });
  if (all.length === 0) cursor.fail('a fetch modifier');
  return Object.assign({ ...NO_MODIFIERS }, ...all) as Modifiers;
}

function fetchModifier(cursor: Cursor): Partial<Modifiers> {
  const name = cursor.oneOf(['CHANGEDSINCE', 'VANISHED', 'PARTIAL'], 'a fetch modifier');
  if (name === 'VANISHED') return { vanished: true };
  cursor.space();
  if (name === 'PARTIAL') return { partial: resultRange(cursor) };
  // 0 is no mod-sequence-value, but a client of wide spread sends it and means "everything".
  return { changedSince: cursor.modSequence() };
}

function distinct(items: readonly FetchItem[]): FetchItem[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = keyOf(item);
    return !seen.has(key) && seen.add(key);
  });
}

function keyOf(item: FetchItem): string {
  if ('partial' in item) return `${item.peek} ${item.label} ${item.partial?.length}`;
  if (item.kind === 'PREVIEW') return `${item.kind} ${item.lazy}`;
  return 'label' in item ? item.label : item.kind;
}
