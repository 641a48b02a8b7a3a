import type { ByteRange } from '../../mime/resolve-section.ts';
import type { FetchItem, FetchSection } from '../../protocol/fetch-item.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import type { Attempt } from '../../routing/repository-access.ts';
import { ConnectionClosed, type Output } from '../../session/output.ts';
import { ContentGone, type MessageContent } from '../../store/content-store.ts';
import type { Uid } from '../../store/types.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import { internalDateText } from './internal-date.ts';
import { fieldsOf, type SectionContent, sectionContent } from './section-content.ts';

/** Octets that are gathered before they go to the connection. */
const WRITE_AT = 64 * 1024;
/** The largest header of a message within a message that fields are picked from; what is behind is not looked at. */
const LARGEST_INNER_HEADER = 1024 * 1024;

export type MessageToWrite = {
  readonly content: MessageContent;
  readonly sequence: number;
  readonly items: readonly FetchItem[];
};

/**
 * Writes FETCH responses with content. Small ones are gathered; big sections are streamed from the store to the
 * connection, as fast as the client reads.
 */
export class MessageWriter {
  readonly #selected: SelectedMailbox;
  readonly #output: Output;
  readonly #attempt: Attempt;
  readonly #writer = new ResponseWriter();
  /** A part of the response that is being written has been sent. */
  #begun = false;

  constructor(selected: SelectedMailbox, to: { readonly output: Output; readonly attempt: Attempt }) {
    this.#selected = selected;
    this.#output = to.output;
    this.#attempt = to.attempt;
  }

  async write(message: MessageToWrite): Promise<void> {
    this.#begun = false;
    try {
      await this.#write(message);
    } catch (cause) {
      // What is gathered is thrown away; but a response of which a part is sent can only end with the connection.
      throw this.#begun ? new ConnectionClosed('a response broke off', { cause }) : cause;
    }
    if (this.#writer.length >= WRITE_AT) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#writer.length > 0) await this.#output.write(this.#writer.take());
  }

  async #write(message: MessageToWrite): Promise<void> {
    const writer = this.#writer.raw('* ').number(message.sequence).raw(' FETCH (');
    for (const [position, item] of message.items.entries()) {
      if (position > 0) writer.space();
      // Awaiting what has nothing to wait for would cost more than the item.
      const pending = item.kind === 'SECTION' ? this.#section(item, message.content) : this.#attribute(item, message);
      if (pending !== null) await pending;
    }
    writer.raw(')\r\n');
  }

  #attribute(item: Exclude<FetchItem, FetchSection>, { content }: MessageToWrite): null {
    const { table } = this.#selected.cursor.view;
    const writer = this.#writer.raw(item.kind).space();
    const index = table.indexOf(content.uid);
    if (item.kind === 'UID') writer.number(content.uid);
    else if (item.kind === 'FLAGS') writer.raw('(').raw(this.#selected.flagsAt(index)).raw(')');
    else if (item.kind === 'MODSEQ') writer.raw('(').number(table.modSeqAt(index)).raw(')');
    else if (item.kind === 'RFC822.SIZE') writer.number(content.size ?? 0);
    else if (item.kind === 'INTERNALDATE') writer.raw(internalDateText(content.internalDate ?? new Date(0)));
    else writer.bytes(structure(item.kind, content));
    return null;
  }

  #section(item: FetchSection, message: MessageContent): Promise<void> | null {
    this.#writer.bytes(Buffer.from(item.label, 'latin1')).space();
    const content = sectionContent(item, message);
    if (content.kind === 'none') this.#writer.nil();
    else if (content.kind === 'octets') this.#writer.literal(content.octets);
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
    this.#writer.literal(fieldsOf(item, Buffer.concat(pieces)));
  }

  async #stream(uid: Uid, range: ByteRange): Promise<void> {
    const size = range.to - range.from;
    if (size === 0) {
      this.#writer.literal(Buffer.alloc(0));
      return;
    }
    const pieces = this.#read(uid, range)[Symbol.asyncIterator]();
    const first = await begin(pieces);
    if (first === null) {
      this.#writer.nil();
      return;
    }
    this.#writer.literalHeader(size).bytes(first);
    this.#begun = true;
    await this.#output.writePart(this.#writer.take());
    await this.#goOn(pieces, size - first.length);
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

/** The first piece; null where the message is expunged and its content collected (RFC 2180, 4.1.3: NIL). */
async function begin(pieces: AsyncIterator<Buffer>): Promise<Buffer | null> {
  try {
    const first = await pieces.next();
    return first.done === true ? null : first.value;
  } catch (error) {
    if (error instanceof ContentGone) return null;
    throw error;
  }
}

function structure(kind: 'ENVELOPE' | 'BODY' | 'BODYSTRUCTURE', content: MessageContent): Buffer {
  const text = { ENVELOPE: content.envelope, BODY: content.body, BODYSTRUCTURE: content.bodyStructure }[kind];
  if (text === undefined) throw new Error(`message ${content.uid} was read without its ${kind}`);
  return text;
}
