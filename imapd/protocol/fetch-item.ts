import type { PartialRange, Section } from './section.ts';

/** One thing that a FETCH asks for. */
export type FetchItem = FetchAttribute | FetchSection | FetchBinary | FetchBinarySize | FetchPreview;

export interface FetchAttribute {
  readonly kind:
    | 'FLAGS'
    | 'UID'
    | 'INTERNALDATE'
    | 'SAVEDATE'
    | 'RFC822.SIZE'
    | 'ENVELOPE'
    | 'BODY'
    | 'BODYSTRUCTURE'
    | 'MODSEQ'
    | 'EMAILID'
    | 'THREADID';
}

/** `BODY[…]` and, being the same thing under other names, `RFC822`, `RFC822.HEADER` and `RFC822.TEXT`. */
export interface FetchSection {
  readonly kind: 'SECTION';
  /** What the answer calls it, ready to be sent: `BODY[1.MIME]`, `BODY[]<0>`, `RFC822.HEADER` (latin1). */
  readonly label: string;
  readonly section: Section;
  /** false: fetching it sets `\Seen`. */
  readonly peek: boolean;
  readonly partial: PartialRange | null;
}

/** `BINARY[1.2]` (RFC 3516): a part with its transfer encoding undone. */
export interface FetchBinary {
  readonly kind: 'BINARY';
  /** What the answer calls it: `BINARY[1.2]<0>`. */
  readonly label: string;
  /** Empty: the whole message, as it is. */
  readonly part: readonly number[];
  /** false: fetching it sets `\Seen`. */
  readonly peek: boolean;
  /** Of the octets without their encoding. */
  readonly partial: PartialRange | null;
}

/** `BINARY.SIZE[1.2]`: how many octets `BINARY[1.2]` has. */
export interface FetchBinarySize {
  readonly kind: 'BINARY.SIZE';
  readonly label: string;
  readonly part: readonly number[];
}

/** RFC 8970. */
export interface FetchPreview {
  readonly kind: 'PREVIEW';
  /** Only where it is at hand. */
  readonly lazy: boolean;
}
