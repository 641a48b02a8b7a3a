import { type ResolvedPart, resolvePart } from '../../mime/resolve-section.ts';
import { isKnownEncoding, transferDecoder } from '../../mime/transfer-encoding/transfer-decoder.ts';
import type { FetchBinary, FetchBinarySize, FetchItem } from '../../protocol/fetch-item.ts';
import type { PartialRange } from '../../protocol/section.ts';
import type { MessageContent } from '../../store/content-store.ts';
import { readPartIndex } from './section-content.ts';

export type BinaryItem = FetchBinary | FetchBinarySize;

export const isBinary = (item: FetchItem): item is BinaryItem => item.kind === 'BINARY' || item.kind === 'BINARY.SIZE';

/** null where the message has no such part. */
export function placeOf(item: BinaryItem, message: MessageContent): ResolvedPart | null {
  return resolvePart(readPartIndex(message), item.part);
}

/** RFC 3516, 4.3: of such a part neither content nor size can be told. */
export function isUndecodable(item: FetchItem, message: MessageContent): boolean {
  const place = isBinary(item) ? placeOf(item, message) : null;
  return place !== null && !isKnownEncoding(place.encoding);
}

/** What the item names of a part whose raw octets these are: decoded, then cut. In pieces, some of which may be empty. */
export async function* decoded(
  raw: AsyncIterable<Buffer> | Iterable<Buffer>,
  { encoding, partial }: { readonly encoding: string; readonly partial: PartialRange | null },
): AsyncGenerator<Buffer> {
  const decoder = transferDecoder(encoding);
  const cut = new Cut(partial);
  for await (const piece of raw) {
    yield cut.take(decoder.write(piece));
    if (cut.done) return;
  }
  yield cut.take(decoder.end());
}

/** `<offset.length>` of octets that come in pieces. */
class Cut {
  #skip: number;
  #left: number;

  constructor(partial: PartialRange | null) {
    this.#skip = partial?.offset ?? 0;
    this.#left = partial?.length ?? Number.POSITIVE_INFINITY;
  }

  get done(): boolean {
    return this.#left === 0;
  }

  take(piece: Buffer): Buffer {
    const from = Math.min(this.#skip, piece.length);
    const taken = piece.subarray(from, Math.min(piece.length, from + this.#left));
    this.#skip -= from;
    this.#left -= taken.length;
    return taken;
  }
}

export type Measured = {
  readonly size: number;
  /** A NUL is among the octets, which only a literal8 may carry. */
  readonly nul: boolean;
};

/** Reads to the end. @throws ContentGone */
export async function measure(pieces: AsyncIterable<Buffer>): Promise<Measured> {
  let size = 0;
  let nul = false;
  for await (const piece of pieces) {
    size += piece.length;
    nul ||= piece.includes(0);
  }
  return { size, nul };
}
