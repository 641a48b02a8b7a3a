import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * begin     CopyBegin, the first one
 * data      a piece of the copy
 * alive     nothing: the copy goes on, and has nothing to send just now
 * failed    CopyRefusal, the last one
 * complete  nothing, the last one
 */
export type FrameKind = 'begin' | 'data' | 'alive' | 'failed' | 'complete';

export type Frame = { readonly kind: FrameKind; readonly body: Buffer };

const KINDS: readonly FrameKind[] = ['begin', 'data', 'alive', 'failed', 'complete'];
const HEAD_OCTETS = 5;
const MAC_OCTETS = 32;
/** A pipe gives 64 KiB at a time. */
const LONGEST_BODY = 1_048_576;

/** The copy has ended before its end, or is not what the donor has sent. */
export class BrokenCopy extends Error {
  override readonly name = 'BrokenCopy';
}

/**
 * Frames of one copy, in their order:
 *
 *   kind, 1 octet · length of the body, 4 octets, big-endian · body · HMAC-SHA256 of (number of the frame, 8 octets · kind · body)
 *
 * So nothing that somebody else has sent, left out or sent again is ever taken for a part of it.
 */
export class FrameWriter {
  readonly #key: Buffer;
  #number = 0n;

  constructor(key: Buffer) {
    this.#key = key;
  }

  frame(kind: FrameKind, body: Buffer = Buffer.alloc(0)): Buffer {
    const head = Buffer.alloc(HEAD_OCTETS);
    head.writeUInt8(KINDS.indexOf(kind));
    head.writeUInt32BE(body.length, 1);
    const mac = macOf(this.#key, this.#number, { kind, body });
    this.#number += 1n;
    return Buffer.concat([head, body, mac]);
  }

  message(kind: FrameKind, content: object): Buffer {
    return this.frame(kind, Buffer.from(JSON.stringify(content)));
  }
}

/**
 * The frames of a stream, `complete` and `failed` too.
 * @throws BrokenCopy where it ends without one of these, or a frame is not the donor's
 */
export async function* readFrames(stream: AsyncIterable<Uint8Array>, key: Buffer): AsyncGenerator<Frame> {
  let number = 0n;
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of stream) {
    rest = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece]);
    for (let length = lengthOf(rest); length !== null && rest.length >= length; length = lengthOf(rest)) {
      const frame = parse(rest.subarray(0, length), { key, number });
      yield frame;
      if (isLast(frame)) return;
      rest = rest.subarray(length);
      number += 1n;
    }
  }
  throw new BrokenCopy('the copy broke off');
}

const isLast = ({ kind }: Frame): boolean => kind === 'complete' || kind === 'failed';

/** Of the frame with which it begins, head and tail included; null: more must come. */
function lengthOf(octets: Buffer): number | null {
  if (octets.length < HEAD_OCTETS) return null;
  const body = octets.readUInt32BE(1);
  if (body > LONGEST_BODY) throw new BrokenCopy(`a frame of ${body} octets`);
  return HEAD_OCTETS + body + MAC_OCTETS;
}

function parse(octets: Buffer, { key, number }: { readonly key: Buffer; readonly number: bigint }): Frame {
  const kind = KINDS[octets.readUInt8()];
  const body = octets.subarray(HEAD_OCTETS, -MAC_OCTETS);
  const mac = octets.subarray(-MAC_OCTETS);
  if (kind === undefined || !timingSafeEqual(mac, macOf(key, number, { kind, body }))) {
    throw new BrokenCopy('a frame that is not what the donor has sent');
  }
  return { kind, body };
}

function macOf(key: Buffer, number: bigint, { kind, body }: Frame): Buffer {
  const head = Buffer.alloc(9);
  head.writeBigUInt64BE(number);
  head.writeUInt8(KINDS.indexOf(kind), 8);
  return createHmac('sha256', key).update(head).update(body).digest();
}
