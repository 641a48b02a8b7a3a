import { no } from '../completion.ts';
import { AppendRefused } from './append-refused.ts';

const LF = 0x0a;
const CR = 0x0d;

/** Passes a message on. @throws AppendRefused where an octet of its header has eight bits (RFC 6855, 4) */
export async function* withSevenBitHeader(octets: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const header = new Header();
  for await (const piece of octets) {
    if (!header.isSevenBit(piece)) throw new AppendRefused(REFUSAL);
    yield piece;
  }
}

const REFUSAL = no('The header holds 8-bit characters: that takes ENABLE UTF8=ACCEPT', 'CANNOT');

/** The header of a message that comes in pieces: up to the first empty line. */
class Header {
  #over = false;
  #lineIsEmpty = true;

  isSevenBit(piece: Buffer): boolean {
    for (let at = 0; at < piece.length && !this.#over; at++) {
      const octet = piece[at] ?? 0;
      if (octet >= 0x80) return false;
      if (octet === LF && this.#lineIsEmpty) this.#over = true;
      if (octet !== CR) this.#lineIsEmpty = octet === LF;
    }
    return true;
  }
}
