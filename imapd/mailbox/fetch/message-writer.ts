import type { PartIndex } from '../../mime/part-index.ts';
import { PREVIEW_OCTETS, previewText } from '../../mime/preview.ts';
import type { ByteRange, ResolvedPart } from '../../mime/resolve-section.ts';
import type { FetchAttribute, FetchItem, FetchPreview, FetchSection } from '../../protocol/fetch-item.ts';
import type { Attempt } from '../../routing/repository-access.ts';
import { ConnectionClosed, type Output } from '../../session/output.ts';
import { ContentGone, type MessageContent } from '../../store/content-store.ts';
import type { Uid } from '../../store/types.ts';
import { emailObjectId } from '../object-ids.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import {
  type BinaryItem,
  decoded,
  isBinary,
  isUndecodable,
  type Measured,
  measure,
  placeOf,
} from './binary-content.ts';
import { internalDateText } from './internal-date.ts';
import { type Mark, PieceWriter } from './piece-writer.ts';
import { previewAtHand } from './preview-at-hand.ts';
import { fieldsOf, type SectionContent, sectionContent } from './section-content.ts';
import { withoutNul } from './without-nul.ts';

/** Octets that are gathered before they go to the connection. */
const WRITE_AT = 64 * 1024;
/** The largest header of a message within a message that fields are picked from; what is behind is not looked at. */
const LARGEST_INNER_HEADER = 1024 * 1024;

export type MessageToWrite = {
  readonly content: MessageContent;
  readonly sequence: number;
  readonly items: readonly FetchItem[];
};

type Items = { readonly items: readonly FetchItem[]; readonly message: MessageToWrite };

/**
 * Writes FETCH responses with content. Small ones are gathered; big sections are streamed from the store to the
 * connection, as fast as the client reads.
 */
export class MessageWriter {
  readonly #selected: SelectedMailbox;
  readonly #output: Output;
  readonly #attempt: Attempt;
  readonly #writer = new PieceWriter();
  /** A part of the response that is being written has been sent. */
  #begun = false;
  #undecodable = false;

  constructor(selected: SelectedMailbox, to: { readonly output: Output; readonly attempt: Attempt }) {
    this.#selected = selected;
    this.#output = to.output;
    this.#attempt = to.attempt;
  }

  /** A part was asked for whose transfer encoding is not known here: told by leaving it out (RFC 3516, 4.3). */
  get undecodable(): boolean {
    return this.#undecodable;
  }

  /**
   * Writes at once, or when what it needs has come. false, and nothing written, where the message was expunged and its content collected: no message is told as empty, for
   * a client would keep that (RFC 2180, 4.1.2).
   * @throws ConnectionClosed where a response broke off of which a part is sent: it can only end with the connection
   */
  write(message: MessageToWrite): Promise<boolean> | boolean {
    this.#begun = false;
    const before = this.#writer.mark();
    const pending = this.#write(message);
    if (pending !== null) return this.#end(pending, before);
    return this.#writer.length < WRITE_AT || this.flush().then(() => true);
  }

  async flush(): Promise<void> {
    const pieces = this.#writer.takePieces();
    const last = pieces.pop();
    for (const piece of pieces) await this.#output.writePart(piece);
    if (last !== undefined) await this.#output.write(last);
  }

  async #end(pending: Promise<void>, before: Mark): Promise<boolean> {
    try {
      await pending;
    } catch (cause) {
      if (this.#begun) throw new ConnectionClosed('a response broke off', { cause });
      if (!(cause instanceof ContentGone)) throw cause;
      this.#writer.backTo(before);
      return false;
    }
    if (this.#writer.length >= WRITE_AT) await this.flush();
    return true;
  }

  /** Awaiting what has nothing to wait for would cost more than the message: null where it is written. */
  #write(message: MessageToWrite): Promise<void> | null {
    const items = this.#tellable(message);
    if (items.length === 0) return null;
    this.#selected.writeFetch(this.#writer, { uid: message.content.uid, sequence: message.sequence });
    for (let position = 0; position < items.length; position++) {
      const pending = this.#itemAt(position, { items, message });
      if (pending !== null) return this.#goOnBehind(pending, position, { items, message });
    }
    this.#writer.raw(')\r\n');
    return null;
  }

  async #goOnBehind(pending: Promise<void>, position: number, what: Items): Promise<void> {
    await pending;
    for (let next = position + 1; next < what.items.length; next++) await this.#itemAt(next, what);
    this.#writer.raw(')\r\n');
  }

  #itemAt(position: number, { items, message }: Items): Promise<void> | null {
    const item = items[position];
    if (position > 0) this.#writer.space();
    return item === undefined ? null : this.#item(item, message);
  }

  #tellable({ items, content }: MessageToWrite): readonly FetchItem[] {
    if (!items.some(isBinary)) return items;
    const tellable = items.filter((item) => !isUndecodable(item, content));
    this.#undecodable ||= tellable.length < items.length;
    return tellable;
  }

  #item(item: FetchItem, message: MessageToWrite): Promise<void> | null {
    if (item.kind === 'PREVIEW') return this.#preview(item, message.content);
    if (item.kind === 'SECTION') return this.#section(item, message.content);
    return isBinary(item) ? this.#binary(item, message.content) : this.#attribute(item, message);
  }

  #attribute(item: FetchAttribute, { content }: MessageToWrite): null {
    const { table } = this.#selected.cursor.view;
    const writer = this.#writer.raw(item.kind).space();
    const index = table.indexOf(content.uid);
    if (item.kind === 'UID') writer.number(content.uid);
    else if (item.kind === 'FLAGS') writer.raw('(').raw(this.#selected.flagsAt(index)).raw(')');
    else if (item.kind === 'MODSEQ') writer.raw('(').number(table.modSeqAt(index)).raw(')');
    else if (item.kind === 'RFC822.SIZE') writer.number(content.size ?? 0);
    else if (item.kind === 'INTERNALDATE') writer.raw(internalDateText(content.internalDate ?? new Date(0)));
    else if (item.kind === 'SAVEDATE') writer.raw(content.savedAt ? internalDateText(content.savedAt) : 'NIL');
    else if (item.kind === 'EMAILID') writer.raw('(').raw(emailObjectId(content)).raw(')');
    // RFC 8474, 5.2: threads are not computed here.
    else if (item.kind === 'THREADID') writer.nil();
    else writer.bytes(structure(item.kind, content));
    return null;
  }

  #section(item: FetchSection, message: MessageContent): Promise<void> | null {
    this.#writer.raw(item.label).space();
    const content = sectionContent(item, message);
    if (content.kind === 'none') this.#writer.nil();
    else if (content.kind === 'octets') this.#writer.literal(withoutNul(content.octets));
    else return this.#readSection(item, { uid: message.uid, content });
    return null;
  }

  async #readSection(
    item: FetchSection,
    { uid, content }: { uid: Uid; content: Exclude<SectionContent, { kind: 'none' | 'octets' }> },
  ): Promise<void> {
    if (content.kind === 'stream') return this.#stream(uid, content.range);
    const { from, to } = content.range;
    const pieces: Buffer[] = [];
    for await (const piece of this.#read(uid, { from, to: Math.min(to, from + LARGEST_INNER_HEADER) })) {
      pieces.push(piece);
    }
    this.#writer.literal(withoutNul(fieldsOf(item, Buffer.concat(pieces))));
  }

  /** A text that begins far behind the beginning of a message is read by itself, unless that would be for a lazy client. */
  #preview({ lazy }: FetchPreview, message: MessageContent): Promise<void> | null {
    this.#writer.raw('PREVIEW ');
    const preview = previewAtHand(message);
    if (preview.kind === 'text') this.#writer.string(preview.text);
    else if (lazy) this.#writer.nil();
    else return this.#readPreview(preview.part, message.uid);
    return null;
  }

  async #readPreview(part: PartIndex, uid: Uid): Promise<void> {
    const pieces: Buffer[] = [];
    const range = { from: part.bodyAt, to: Math.min(part.endAt, part.bodyAt + PREVIEW_OCTETS) };
    for await (const piece of this.#read(uid, range)) pieces.push(piece);
    this.#writer.string(previewText(part, Buffer.concat(pieces)));
  }

  /** Read twice where it is not in memory: its size, and whether it holds NUL, is told before it. */
  async #binary(item: BinaryItem, message: MessageContent): Promise<void> {
    this.#writer.raw(item.label).space();
    const place = placeOf(item, message);
    const partial = 'partial' in item ? item.partial : null;
    const pieces = ({ range, encoding }: ResolvedPart): AsyncIterable<Buffer> =>
      decoded(this.#rawOf(message, range), { encoding, partial });
    const measured = place === null ? null : await measure(pieces(place));
    if (item.kind === 'BINARY.SIZE') this.#writer.number(measured?.size ?? 0);
    else if (place === null || measured === null) this.#writer.nil();
    else await this.#writeDecoded(pieces(place), measured);
  }

  async #writeDecoded(pieces: AsyncIterable<Buffer>, { size, nul }: Measured): Promise<void> {
    if (nul) this.#writer.literal8Header(size);
    else this.#writer.literalHeader(size);
    if (size <= WRITE_AT) {
      for await (const piece of pieces) this.#writer.bytes(piece);
      return;
    }
    this.#begun = true;
    for (const piece of this.#writer.takePieces()) await this.#output.writePart(piece);
    await this.#goOn(pieces[Symbol.asyncIterator](), size);
  }

  #rawOf({ raw, uid }: MessageContent, range: ByteRange): AsyncIterable<Buffer> | Iterable<Buffer> {
    return raw === undefined ? this.#read(uid, range) : [raw.subarray(range.from, range.to)];
  }

  async #stream(uid: Uid, range: ByteRange): Promise<void> {
    const size = range.to - range.from;
    if (size === 0) {
      this.#writer.literal(Buffer.alloc(0));
      return;
    }
    const pieces = withoutNulInAny(this.#read(uid, range));
    const first = await pieces.next();
    if (first.done === true) throw new Error(`${size} octets are missing of a message`);
    this.#writer.literalHeader(size).bytes(first.value);
    this.#begun = true;
    for (const piece of this.#writer.takePieces()) await this.#output.writePart(piece);
    await this.#goOn(pieces, size - first.value.length);
  }

  /** A literal that was announced must come whole. */
  async #goOn(pieces: AsyncIterator<Buffer>, size: number): Promise<void> {
    let left = size;
    try {
      for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
        left -= next.value.length;
        await this.#output.writePart(next.value);
      }
    } finally {
      await pieces.return?.();
    }
    if (left !== 0) throw new Error(`${left} octets are missing of a message`);
  }

  #read(uid: Uid, { from, to }: ByteRange): AsyncIterable<Buffer> {
    const { store, mailbox } = this.#selected;
    return store.readRaw({ mailbox, uid, offset: from, length: to - from }, this.#attempt);
  }
}

/** BODY has no way to carry NUL; BINARY has. */
async function* withoutNulInAny(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield withoutNul(piece);
}

function structure(kind: 'ENVELOPE' | 'BODY' | 'BODYSTRUCTURE', content: MessageContent): Buffer {
  const text = { ENVELOPE: content.envelope, BODY: content.body, BODYSTRUCTURE: content.bodyStructure }[kind];
  if (text === undefined) throw new Error(`message ${content.uid} was read without its ${kind}`);
  return text;
}
