import type { PartIndex } from '../../mime/part-index.ts';
import { type ByteRange, type ResolvedSection, resolveSection, sliceRange } from '../../mime/resolve-section.ts';
import { selectFields } from '../../mime/select-fields.ts';
import type { FetchSection } from '../../protocol/fetch-item.ts';
import type { MessageContent } from '../../store/content-store.ts';
import { isTopHeader, isWhole } from './fetch-plan.ts';

/** What a section of a message is answered with. */
export type SectionContent =
  | { readonly kind: 'octets'; readonly octets: Buffer }
  /** Too big to be in memory: to be streamed. */
  | { readonly kind: 'stream'; readonly range: ByteRange }
  /** A header that is to be read first and given to `fieldsOf`. */
  | { readonly kind: 'fields'; readonly range: ByteRange }
  | { readonly kind: 'none' };

export function sectionContent(item: FetchSection, message: MessageContent): SectionContent {
  if (isTopHeader(item)) return { kind: 'octets', octets: fieldsOf(item, message.header ?? Buffer.alloc(0)) };
  const found = isWhole(item) ? wholeOf(message) : resolveSection(readPartIndex(message), item.section);
  if (found === null) return { kind: 'none' };
  const { range, fields } = found;
  if (message.raw !== undefined) {
    return { kind: 'octets', octets: fieldsOf(item, message.raw.subarray(range.from, range.to)) };
  }
  return fields === null ? { kind: 'stream', range: sliceRange(range, item.partial) } : { kind: 'fields', range };
}

/** What the section wants of a text: the fields it names, and of that the octets it names. */
export function fieldsOf(item: FetchSection, whole: Buffer): Buffer {
  const { text } = item.section;
  const picks = text !== null && 'fields' in text;
  const picked = picks ? selectFields(whole, text.fields, text.kind === 'HEADER.FIELDS.NOT') : whole;
  const { from, to } = sliceRange({ from: 0, to: picked.length }, item.partial);
  return picked.subarray(from, to);
}

const wholeOf = ({ size = 0 }: MessageContent): ResolvedSection => ({ range: { from: 0, to: size }, fields: null });

/** Stored by this server, so trusted to be well-formed. */
export function readPartIndex(message: MessageContent): PartIndex {
  if (message.partIndex === undefined) throw new Error(`message ${message.uid} was read without its part index`);
  return JSON.parse(message.partIndex.toString()) as PartIndex;
}
