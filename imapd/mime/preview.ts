import { PartDecoder } from './part-decoder.ts';
import type { PartIndex } from './part-index.ts';

/** RFC 8970, 3.3: what suffices for any language and display; more than 256 are never told. */
const CHARACTERS = 200;
/** Octets of a part that are looked at: the style sheets of much HTML fit in. */
export const PREVIEW_OCTETS = 16 * 1024;

/** The part that says what a message is about: the first text, and of alternatives the plain one. null: there is none. */
export function previewPart(part: PartIndex): PartIndex | null {
  if (part.kind === 'leaf') return part.type === 'text/plain' || part.type === 'text/html' ? part : null;
  // The first part of an encrypted one is there for programs (RFC 1847, 2.2).
  if (part.type === 'multipart/encrypted') return null;
  const found = part.parts.map(previewPart).filter((one) => one !== null);
  const plain = part.type === 'multipart/alternative' ? found.find(({ type }) => type === 'text/plain') : undefined;
  return plain ?? found[0] ?? null;
}

/** @param octets the part's body, or its beginning, still in its transfer encoding */
export function previewText(part: PartIndex, octets: Buffer): string {
  const decoder = new PartDecoder(part);
  const isWhole = octets.length >= part.endAt - part.bodyAt;
  const decoded = decoder.write(octets) + (isWhole ? decoder.end() : '');
  const text = part.type === 'text/html' ? withoutMarkup(decoded) : decoded;
  return Array.from(oneLine(text)).slice(0, CHARACTERS).join('').trimEnd();
}

/** Controls, and what takes no room: senders fill the space behind their first words with it. */
const INVISIBLE = /\p{Cc}|\u034f|[\u00ad\u200b\u200c\u2060\ufeff\ufffd]/gu;

const oneLine = (text: string): string =>
  text.toWellFormed().replace(/\s+/g, ' ').replace(INVISIBLE, '').replace(/ {2,}/g, ' ').trim();

/** Good enough to read: no more is asked of a preview. Every expression is linear in its input, which is bounded. */
const withoutMarkup = (html: string): string =>
  html
    .replace(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replace(/<(head|style|script|title)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, ' ')
    .replace(/<\/?(?:b|i|u|a|em|strong|span|font|small|big|sub|sup|code|tt)\b[^<>]*>/gi, '')
    .replace(/<[a-z!/?][^<>]*(?:>|$)/gi, ' ')
    .replace(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,8});/gi, entity);

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
  ['zwnj', ''],
  ['shy', ''],
  ['ndash', '–'],
  ['mdash', '—'],
  ['hellip', '…'],
  ['lsquo', '‘'],
  ['rsquo', '’'],
  ['ldquo', '“'],
  ['rdquo', '”'],
  ['euro', '€'],
  ['copy', '©'],
]);

/** A character reference; one that is not known stays as it is written. */
function entity(written: string, reference: string): string {
  const name = reference.toLowerCase();
  if (!name.startsWith('#')) return ENTITIES.get(name) ?? written;
  const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code <= 0x10ffff ? String.fromCodePoint(code) : written;
}
