import type { PartialRange, Section } from './section.ts';

/** One thing that a FETCH asks for. */
export type FetchItem = FetchAttribute | FetchSection;

export interface FetchAttribute {
  readonly kind: 'FLAGS' | 'UID' | 'INTERNALDATE' | 'RFC822.SIZE' | 'ENVELOPE' | 'BODY' | 'BODYSTRUCTURE' | 'MODSEQ';
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
