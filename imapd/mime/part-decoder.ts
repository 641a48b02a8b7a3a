import { Base64Decoder } from './base64-decoder.ts';
import { charsetDecoder, type TextDecoder } from './charset.ts';
import type { PartIndex } from './part-index.ts';
import { QuotedPrintableDecoder } from './quoted-printable.ts';

interface TransferDecoder {
  write(chunk: Buffer): Buffer;
  end(): Buffer;
}

/** The body of one text part as Unicode: transfer encoding and charset undone, chunk by chunk, in bounded memory. */
export class PartDecoder {
  readonly #transfer: TransferDecoder | null;
  readonly #text: TextDecoder;

  constructor(part: Pick<PartIndex, 'encoding' | 'charset'>) {
    this.#transfer = transferDecoder(part.encoding);
    this.#text = charsetDecoder(part.charset);
  }

  write(chunk: Buffer): string {
    return this.#text.write(this.#transfer === null ? chunk : this.#transfer.write(chunk));
  }

  end(): string {
    const rest = this.#transfer === null ? '' : this.#text.write(this.#transfer.end());
    return rest + this.#text.end();
  }
}

function transferDecoder(encoding: string): TransferDecoder | null {
  if (encoding === 'base64') return new Base64Decoder();
  return encoding === 'quoted-printable' ? new QuotedPrintableDecoder() : null;
}
