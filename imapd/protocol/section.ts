/**
 * The section of a `BODY[section]` (RFC 3501, 6.4.5): `[]` is `{part: [], text: null}`, `[2.1.HEADER]` is
 * `{part: [2, 1], text: {kind: 'HEADER'}}`.
 */
export interface Section {
  readonly part: readonly number[];
  readonly text: SectionText | null;
}

export type SectionText =
  | { readonly kind: 'HEADER' | 'TEXT' | 'MIME' }
  /** Field names as the client wrote them; compare without regard to case. */
  | { readonly kind: 'HEADER.FIELDS' | 'HEADER.FIELDS.NOT'; readonly fields: readonly string[] };

/** `<offset.length>`: octets of a section, counted from its start. */
export interface PartialRange {
  readonly offset: number;
  readonly length: number;
}
