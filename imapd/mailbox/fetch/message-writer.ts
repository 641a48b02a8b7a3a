import type { ByteRange } from '../../mime/resolve-section.ts';
import type { FetchItem, FetchSection } from '../../protocol/fetch-item.ts';
import { ResponseWriter } from '../../protocol/response-writer.ts';
import type { Attempt } from '../../routing/repository-access.ts';
import { ConnectionClosed, type Output } from '../../session/output.ts';
import type { MessageContent } from '../../store/content-store.ts';
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

  constructor(selected: SelectedMailbox, to: { readonly output: Output; readonly attempt: Attempt }) {
    this.#selected = selected;
    this.#output = to.output;
    this.#attempt = to.attempt;
  }

  async write(message: MessageToWrite): Promise<void> {
    const writer = this.#writer;
    writer.raw('* ').number(message.sequence).raw(' FETCH (');
    for (const [position, item] of message.items.entries()) {
      if (position > 0) writer.space();
      // Awaiting what has nothing to wait for would cost more than the item.
      const pending = item.kind === 'SECTION' ? this.#section(item, message.content) : this.#attribute(item, message);
      if (pending !== null) await pending;
    }
    writer.raw(')\r\n');
    if (writer.length >= WRITE_AT) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#writer.length > 0) await this.#output.write(this.#writer.take());
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
    for await (const piece of this.#read(uid, { from, to: Math.min(to, from + LARGEST_INNER_HEADER) }))
      pieces.push(piece);
    this.#writer.literal(fieldsOf(item, Buffer.concat(pieces)));
  }

  /** A literal that was announced must come whole: where it cannot, only the end of the connection tells the client so. */
  async #stream(uid: Uid, range: ByteRange): Promise<void> {
    let left = range.to - range.from;
    this.#writer.literalHeader(left);
    await this.#output.writePart(this.#writer.take());
    if (left === 0) return;
    try {
      for await (const piece of this.#read(uid, range)) {
        left -= piece.length;
        await this.#output.writePart(piece);
      }
    } catch (cause) {
      throw new ConnectionClosed(`message ${uid} broke off`, { cause });
    }
    if (left !== 0) throw new ConnectionClosed(`message ${uid} is not as long as it was announced`);
  }

  #read(uid: Uid, { from, to }: ByteRange): AsyncIterable<Buffer> {
    const { store, mailbox } = this.#selected;
    return store.readRaw({ mailbox, uid, offset: from, length: to - from }, this.#attempt);
  }
}

function structure(kind: 'ENVELOPE' | 'BODY' | 'BODYSTRUCTURE', content: MessageContent): Buffer {
  const text = { ENVELOPE: content.envelope, BODY: content.body, BODYSTRUCTURE: content.bodyStructure }[kind];
  if (text === undefined) throw new Error(`message ${content.uid} was read without its ${kind}`);
  return text;
}
