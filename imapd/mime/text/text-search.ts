import { PartDecoder } from '../part-decoder.ts';
import type { PartIndex } from '../part-index.ts';
import { decodeHeaderText } from './encoded-words.ts';
import { foldText, Needle } from './needle.ts';

/** A stretch of the raw message that is searched: the header of a message, or the body of a text part. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly part: PartIndex | null;
  /** Only TEXT looks into the header of the message itself (RFC 3501, 6.4.4). */
  readonly ownHeader: boolean;
}

/** Longest header that is searched as one; the rest of a longer one is searched by itself. */
const MOST_HEADER = 256 * 1024;

/** Hears all text that is looked through, as it is compared. */
export interface TextListener {
  /** A piece that goes on with the one before it. */
  text(folded: string, ownHeader: boolean): void;
  /** The text ends; nothing is found across its border. */
  endText(): void;
}

/**
 * Looks for strings in the text of one message (SEARCH BODY and TEXT): in what people read, that is, decoded text parts and
 * headers of messages, not in attachments. Give it the raw message from its beginning, in chunks; `done` tells when the
 * rest cannot change the answer.
 *
 *     const search = new TextSearch(index, { body: ['invoice'], text: ['ann'] });
 *     for await (const chunk of raw) { search.write(chunk); if (search.done) break; }
 *     const { body: [inBody], text: [anywhere] } = search.end();
 */
export class TextSearch {
  readonly #stretches: readonly Stretch[];
  readonly #body: readonly Needle[];
  readonly #text: readonly Needle[];
  readonly #listener: TextListener | null;
  #offset = 0;
  #stretch = 0;
  #decoder: PartDecoder | null = null;
  #header: Buffer[] = [];
  #headerSize = 0;

  constructor(
    index: PartIndex,
    sought: { readonly body: readonly string[]; readonly text: readonly string[] },
    listener: TextListener | null = null,
  ) {
    this.#listener = listener;
    this.#stretches = stretchesOf(index, true);
    this.#body = sought.body.map((text) => new Needle(text));
    this.#text = sought.text.map((text) => new Needle(text));
  }

  /** Everything is found, or there is nothing left to look at. */
  get done(): boolean {
    return this.seenAll || [...this.#body, ...this.#text].every((needle) => needle.found);
  }

  /** All text has been looked through. */
  get seenAll(): boolean {
    return this.#stretch >= this.#stretches.length;
  }

  write(chunk: Buffer): void {
    const end = this.#offset + chunk.length;
    for (let stretch = this.#current; stretch !== undefined && stretch.from < end; stretch = this.#current) {
      const from = Math.max(stretch.from - this.#offset, 0);
      const to = Math.min(stretch.to, end) - this.#offset;
      if (from < to) this.#look(stretch, chunk.subarray(from, to));
      if (stretch.to > end) break;
      this.#endStretch(stretch);
    }
    this.#offset = end;
  }

  /** For each string, in the order given, whether it was found. */
  end(): { readonly body: readonly boolean[]; readonly text: readonly boolean[] } {
    const stretch = this.#current;
    if (stretch !== undefined) this.#endStretch(stretch);
    return { body: this.#body.map((needle) => needle.found), text: this.#text.map((needle) => needle.found) };
  }

  get #current(): Stretch | undefined {
    return this.#stretches[this.#stretch];
  }

  #look(stretch: Stretch, piece: Buffer): void {
    if (stretch.part === null) {
      this.#header.push(Buffer.from(piece));
      this.#headerSize += piece.length;
      if (this.#headerSize > MOST_HEADER) this.#endHeader(stretch);
      return;
    }
    this.#decoder ??= new PartDecoder(stretch.part);
    this.#seek(stretch, this.#decoder.write(piece));
  }

  #endStretch(stretch: Stretch): void {
    if (stretch.part === null) this.#endHeader(stretch);
    else if (this.#decoder !== null) this.#seek(stretch, this.#decoder.end());
    this.#decoder = null;
    for (const needle of [...this.#body, ...this.#text]) needle.endText();
    this.#listener?.endText();
    this.#stretch++;
  }

  #endHeader(stretch: Stretch): void {
    this.#seek(stretch, headerText(Buffer.concat(this.#header)));
    this.#header = [];
    this.#headerSize = 0;
  }

  #seek(stretch: Stretch, text: string): void {
    const folded = foldText(text);
    this.#listener?.text(folded, stretch.ownHeader);
    for (const needle of this.#text) needle.write(folded);
    if (!stretch.ownHeader) for (const needle of this.#body) needle.write(folded);
  }
}

/** Headers of messages and bodies of text parts, in the order of the message. */
function stretchesOf(part: PartIndex, isMessage: boolean, ownHeader = true): Stretch[] {
  const stretches: Stretch[] = [];
  if (isMessage) stretches.push({ from: part.headerAt, to: part.bodyAt, part: null, ownHeader });
  if (part.kind !== 'leaf') {
    const inside = part.kind === 'message';
    for (const child of part.parts) stretches.push(...stretchesOf(child, inside, false));
  } else if (part.type.startsWith('text/')) {
    stretches.push({ from: part.bodyAt, to: part.endAt, part, ownHeader: false });
  }
  return stretches;
}

/** A whole header, unfolded and with its encoded words decoded. */
export const headerText = (header: Buffer): string =>
  header
    .toString('latin1')
    .replace(/\r?\n(?=[ \t])/g, '')
    .split('\n')
    .map((line) => decodeHeaderText(line))
    .join('\n');
