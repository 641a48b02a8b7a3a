import type { PartialRange, Section } from '../protocol/section.ts';
import type { PartIndex } from './part-index.ts';

/** Octets `[from, to)` of the raw message. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** Where a section lies. With `fields`, only these fields of the header there: see `selectFields`. */
export interface ResolvedSection {
  readonly range: ByteRange;
  readonly fields: { readonly names: readonly string[]; readonly not: boolean } | null;
}

/**
 * The place of a `BODY[section]` (RFC 3501, 6.4.5); null where the message has no such part, or the part no such text.
 * HEADER and TEXT are of messages: the whole one, or one inside a message/rfc822 part.
 */
export function resolveSection(index: PartIndex, section: Section): ResolvedSection | null {
  const { part, text } = section;
  const target = findPart(index, part);
  if (target === null) return null;
  if (text === null) return plain(part.length === 0 ? whole(index) : body(target.part));
  if (text.kind === 'MIME') return plain(header(target.part));
  const message = part.length === 0 ? index : target.message;
  if (message === null) return null;
  if (text.kind === 'TEXT') return plain(body(message));
  if (!('fields' in text)) return plain(header(message));
  return { range: header(message), fields: { names: text.fields, not: text.kind === 'HEADER.FIELDS.NOT' } };
}

/** Where a part lies, and the transfer encoding of its octets there. */
export interface ResolvedPart {
  readonly range: ByteRange;
  readonly encoding: string;
}

/** The place of a `BINARY[part]` (RFC 3516); null where the message has no such part. */
export function resolvePart(index: PartIndex, numbers: readonly number[]): ResolvedPart | null {
  const target = findPart(index, numbers);
  if (target === null) return null;
  if (numbers.length === 0) return { range: whole(index), encoding: 'binary' };
  const { part } = target;
  // A multipart has no encoding, whatever it says (RFC 2045, 6.4): mail in the wild says quoted-printable and is not.
  return { range: body(part), encoding: part.kind === 'multipart' ? 'binary' : part.encoding };
}

const plain = (range: ByteRange): ResolvedSection => ({ range, fields: null });
const whole = (index: PartIndex): ByteRange => ({ from: index.headerAt, to: index.endAt });
const header = (part: PartIndex): ByteRange => ({ from: part.headerAt, to: part.bodyAt });
const body = (part: PartIndex): ByteRange => ({ from: part.bodyAt, to: part.endAt });

/** A part, and the message inside it where it is message/rfc822. */
interface Target {
  readonly part: PartIndex;
  readonly message: PartIndex | null;
}

/**
 * Part numbers lead from a message into its parts: those of a multipart, those of the message inside a message/rfc822
 * part; where neither is a multipart, part 1 is the body itself.
 */
function findPart(root: PartIndex, numbers: readonly number[]): Target | null {
  let target: Target = { part: root, message: root };
  for (const number of numbers) {
    const container = target.message ?? target.part;
    const isPlainMessage = target.message !== null && container.kind !== 'multipart';
    if (!isPlainMessage && container.kind !== 'multipart') return null;
    const child = isPlainMessage ? onlyPart(container, number) : container.parts[number - 1];
    if (child === undefined) return null;
    target = { part: child, message: child.kind === 'message' ? (child.parts[0] ?? null) : null };
  }
  return target;
}

const onlyPart = (message: PartIndex, number: number): PartIndex | undefined => (number === 1 ? message : undefined);

/** `<offset.length>` of a section: what lies beyond its end is empty, not an error (RFC 3501, 6.4.5). */
export function sliceRange(range: ByteRange, partial: PartialRange | null): ByteRange {
  if (partial === null) return range;
  const from = Math.min(range.from + partial.offset, range.to);
  return { from, to: Math.min(from + partial.length, range.to) };
}
