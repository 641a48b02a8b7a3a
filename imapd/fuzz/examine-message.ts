import { type AnalyzedMessage, analyzeMessage, MessageAnalyzer } from '../mime/analyze.ts';
import { DEFAULT_MIME_LIMITS } from '../mime/limits.ts';
import { PartDecoder } from '../mime/part-decoder.ts';
import type { PartIndex } from '../mime/part-index.ts';
import { decodePartIndex, encodePartIndex } from '../mime/part-index.ts';
import { previewPart, previewText } from '../mime/preview.ts';
import { resolvePart, resolveSection } from '../mime/resolve-section.ts';
import { selectFields } from '../mime/select-fields.ts';
import { isKnownEncoding, transferDecoder } from '../mime/transfer-encoding/transfer-decoder.ts';
import { ResponseWriter } from '../protocol/response-writer.ts';
import type { Random } from './random.ts';
import { requireGrammar } from './require-grammar.ts';

/** base64 and quoted-printable make less of their octets; a charset makes at most 3 octets UTF-8 of one. */
const GROWTH = 4;
/** Of the empty group `g:;` ENVELOPE makes two addresses of four strings each, three times where it stands in From. */
const TOLD_GROWTH = 40;
const TOLD_LEAST = 1000;
/** What costs most is done for some of the inputs. */
const CUT_ONE_IN = 4;
const FIELDS = ['subject', 'x-none', 'content-type'];

/**
 * Whatever message comes in: the same is found however it is cut, what is told of it is understood by clients, every part
 * lies within the message and within its parent, and everything can be read.
 * @throws Error that says what is wrong
 */
export function examineMessage(input: Buffer, random: Random): void {
  const found = analyzeMessage(input);
  if (random.once(CUT_ONE_IN)) requireAlike(found, inPieces(input, random));
  requireTold(found, input);
  const { partIndex } = found;
  requirePlaces(partIndex, { from: 0, to: input.length });
  if (partIndex.parts.length + 1 > DEFAULT_MIME_LIMITS.parts) throw new Error('too many parts');
  if (JSON.stringify(decodePartIndex(encodePartIndex(partIndex))) !== JSON.stringify(partIndex)) {
    throw new Error('a part index that is not kept');
  }
  readParts(partIndex, input);
  readAnySection(partIndex, input, random);
  requirePreview(partIndex, input);
}

function inPieces(input: Buffer, random: Random): AnalyzedMessage {
  const analyzer = new MessageAnalyzer();
  for (let at = 0; at < input.length; ) {
    const end = at + 1 + random.below(random.once(2) ? 3 : 100);
    analyzer.write(input.subarray(at, end));
    at = end;
  }
  return analyzer.end();
}

function requireAlike(one: AnalyzedMessage, other: AnalyzedMessage): void {
  for (const key of Object.keys(one) as (keyof AnalyzedMessage)[]) {
    const [a, b] = [one[key], other[key]];
    const alike = Buffer.isBuffer(a) && Buffer.isBuffer(b) ? a.equals(b) : JSON.stringify(a) === JSON.stringify(b);
    if (!alike) throw new Error(`${key} depends on the cut: ${String(a)} ${String(b)}`);
  }
}

function requireTold({ envelope, body, bodyStructure }: AnalyzedMessage, input: Buffer): void {
  for (const [name, value] of Object.entries({ ENVELOPE: envelope, BODY: body, BODYSTRUCTURE: bodyStructure })) {
    requireGrammar(new ResponseWriter().raw(`* 1 FETCH (UID 1 ${name} `).bytes(value).raw(')\r\n').take());
    if (value.length > TOLD_LEAST + TOLD_GROWTH * input.length) throw new Error(`${value.length} octets of ${name}`);
  }
}

function requirePlaces(part: PartIndex, within: { readonly from: number; readonly to: number }): void {
  const { headerAt, bodyAt, endAt } = part;
  const inOrder = within.from <= headerAt && headerAt <= bodyAt && bodyAt <= endAt && endAt <= within.to;
  if (!inOrder) throw new Error(`a part at ${headerAt}, ${bodyAt}, ${endAt} within ${within.from}, ${within.to}`);
  let from = bodyAt;
  for (const child of part.parts) {
    requirePlaces(child, { from, to: endAt });
    from = child.endAt;
  }
}

/** Reads all that is in a part, as SEARCH and BINARY do. */
function readParts(part: PartIndex, input: Buffer): void {
  for (const child of part.parts) readParts(child, input);
  if (part.kind !== 'leaf') return;
  const octets = input.subarray(part.bodyAt, part.endAt);
  const decoder = new PartDecoder(part);
  const text = decoder.write(octets) + decoder.end();
  if (text.length > GROWTH * (octets.length + 1))
    throw new Error(`${text.length} characters of ${octets.length} octets`);
  if (!isKnownEncoding(part.encoding)) return;
  const binary = transferDecoder(part.encoding);
  const size = binary.write(octets).length + binary.end().length;
  if (size > octets.length) throw new Error(`${size} octets decoded of ${octets.length}`);
}

function readAnySection(index: PartIndex, input: Buffer, random: Random): void {
  const part = Array.from({ length: random.below(4) }, () => 1 + random.below(3));
  const fields = { kind: random.once(2) ? 'HEADER.FIELDS' : 'HEADER.FIELDS.NOT', fields: FIELDS } as const;
  for (const text of [null, { kind: 'HEADER' }, { kind: 'TEXT' }, { kind: 'MIME' }, fields] as const) {
    const found = resolveSection(index, { part, text });
    if (found === null) continue;
    const octets = input.subarray(found.range.from, found.range.to);
    if (found.fields !== null) selectFields(octets, found.fields.names, found.fields.not);
  }
  resolvePart(index, part);
}

function requirePreview(index: PartIndex, input: Buffer): void {
  const part = previewPart(index);
  if (part === null) return;
  const text = previewText(part, input.subarray(part.bodyAt, part.endAt));
  requireGrammar(new ResponseWriter().raw('* 1 FETCH (UID 1 PREVIEW ').string(text).raw(')\r\n').take());
}
