const [TAB, LF, CR, SPACE, EQUALS] = [0x09, 0x0a, 0x0d, 0x20, 0x3d];
/** Octets of an escape that the end of a chunk may cut: `=`, blanks that transport put before a line end, CR. */
const LONGEST_CUT = 82;
const NOTHING = Buffer.alloc(0);

/** Quoted-printable (RFC 2045, 6.7) of a text that is there as a whole. */
export function decodeQuotedPrintable(input: Buffer): Buffer {
  const output = Buffer.allocUnsafe(input.length);
  let length = 0;
  let from = 0;
  for (let at = input.indexOf(EQUALS); at >= 0; at = input.indexOf(EQUALS, from)) {
    length += input.copy(output, length, from, at);
    const escaped = 16 * hexDigit(input[at + 1]) + hexDigit(input[at + 2]);
    const lineEnd = escaped >= 0 ? 0 : softLineEnd(input, at + 1);
    if (lineEnd > 0) from = lineEnd;
    else {
      // What is no escape stands for itself, so text that was never encoded survives.
      output[length++] = escaped >= 0 ? escaped : EQUALS;
      from = escaped >= 0 ? at + 3 : at + 1;
    }
  }
  length += input.copy(output, length, from);
  return output.subarray(0, length);
}

/** Quoted-printable that arrives in chunks. */
export class QuotedPrintableDecoder {
  #held: Buffer = NOTHING;

  write(chunk: Buffer): Buffer {
    const input = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const last = input.lastIndexOf(EQUALS);
    const cut = last >= 0 && input.length - last <= LONGEST_CUT ? last : input.length;
    this.#held = Buffer.from(input.subarray(cut));
    return decodeQuotedPrintable(input.subarray(0, cut));
  }

  end(): Buffer {
    const rest = decodeQuotedPrintable(this.#held);
    this.#held = NOTHING;
    return rest;
  }
}

/** After the line end of a soft line break whose `=` stands before `at`; 0 where there is none. */
function softLineEnd(input: Buffer, at: number): number {
  const most = Math.min(input.length, at + LONGEST_CUT - 2);
  let next = at;
  while (next < most && (input[next] === SPACE || input[next] === TAB)) next++;
  if (input[next] === CR) next++;
  return input[next] === LF ? next + 1 : 0;
}

/** Negative enough for every sum with it to be negative where `octet` is no hexadecimal digit. */
function hexDigit(octet = 0): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const upper = octet & 0xdf;
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : -1000;
}
