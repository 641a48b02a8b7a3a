import type { PartIndex } from './part-index.ts';
import { charsetDecoder, type TextDecoder } from './text/charset.ts';
import { type TransferDecoder, transferDecoder } from './transfer-encoding/transfer-decoder.ts';

/** The body of one text part as Unicode: transfer encoding and charset undone, chunk by chunk, in bounded memory. */
export class PartDecoder {
  readonly #transfer: TransferDecoder;
  readonly #text: TextDecoder;

  constructor(part: Pick<PartIndex, 'encoding' | 'charset'>) {
    this.#transfer = transferDecoder(part.encoding);
    this.#text = charsetDecoder(part.charset);
  }

  write(chunk: Buffer): string {
    return this.#text.write(this.#transfer.write(chunk));
  }

  end(): string {
    return this.#text.write(this.#transfer.end()) + this.#text.end();
  }
}
