/** A message of a WebSocket (RFC 6455), as a server sends it: whole, not masked. */
export function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([0x80 | opcode, length]), payload]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

export const OPCODE = { binary: 2, close: 8 } as const;

/** Of a length that does not fit into the second byte. */
const LENGTH_BYTES: Readonly<Record<number, number>> = { 126: 2, 127: 8 };

function lengthIn(head: Buffer, short: number): number {
  if (short === 126) return head.readUInt16BE(2);
  return short === 127 ? Number(head.readBigUInt64BE(2)) : short;
}

/** Takes what a client sends apart; it sends messages whole, and masked. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  *take(chunk: Buffer): Generator<{ readonly opcode: number; readonly payload: Buffer }> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (let found = this.#next(); found !== null; found = this.#next()) yield found;
  }

  #next(): { readonly opcode: number; readonly payload: Buffer } | null {
    const rest = this.#rest;
    if (rest.length < 2) return null;
    const short = (rest[1] ?? 0) & 0x7f;
    const maskAt = 2 + (LENGTH_BYTES[short] ?? 0);
    if (rest.length < maskAt + 4) return null;
    const length = lengthIn(rest, short);
    const start = maskAt + 4;
    if (rest.length < start + length) return null;
    const payload = Buffer.from(rest.subarray(start, start + length));
    for (let index = 0; index < length; index += 1) payload[index]! ^= rest[maskAt + (index % 4)] ?? 0;
    this.#rest = rest.subarray(start + length);
    return { opcode: (rest[0] ?? 0) & 0x0f, payload };
  }
}
