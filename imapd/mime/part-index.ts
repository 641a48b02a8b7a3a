/**
 * Where the parts of a message lie in its raw bytes: what is kept beside a stored message so that every
 * `BODY[section]` is a byte range, found without parsing the message again.
 *
 *   headerAt ──► header lines ─ blank line ◄── bodyAt ──► body ◄── endAt      (half open: bytes [from, to))
 *
 * Offsets count bytes of the whole raw message, for nested parts as well.
 */
export interface PartIndex {
  /** `multipart` has children; `message` (message/rfc822, message/global) has exactly one, the message inside; `leaf` has none. */
  readonly kind: 'leaf' | 'multipart' | 'message';
  /** First byte of the part's header. */
  readonly headerAt: number;
  /** First byte of its body: after the blank line, which belongs to the header (RFC 3501, 6.4.5). */
  readonly bodyAt: number;
  /** After the last byte of its body; the line end before a boundary belongs to the boundary (RFC 2046, 5.1.1). */
  readonly endAt: number;
  /** Lines of the body. */
  readonly lines: number;
  /** Lower case `type/subtype`. */
  readonly type: string;
  /** Lower case; null where the part names none. */
  readonly charset: string | null;
  /** Lower case content transfer encoding: `7bit`, `8bit`, `binary`, `base64`, `quoted-printable` or what was written. */
  readonly encoding: string;
  readonly parts: readonly PartIndex[];
}

/** Kept beside a message: an array per part, for it is stored millions of times. */
type Packed = readonly [
  kind: 0 | 1 | 2,
  headerAt: number,
  bodyAt: number,
  endAt: number,
  lines: number,
  type: string,
  charset: string | null,
  encoding: string,
  parts: readonly Packed[],
];

const KINDS = ['leaf', 'multipart', 'message'] as const;

/** Compact text (JSON) to store. */
export const encodePartIndex = (index: PartIndex): Buffer => Buffer.from(JSON.stringify(pack(index)));

/** What `encodePartIndex` gave. */
export const decodePartIndex = (stored: Buffer): PartIndex => unpack(JSON.parse(stored.toString('utf8')) as Packed);

function pack(index: PartIndex): Packed {
  const { headerAt, bodyAt, endAt, lines, type, charset, encoding } = index;
  const kind = KINDS.indexOf(index.kind) as 0 | 1 | 2;
  return [kind, headerAt, bodyAt, endAt, lines, type, charset, encoding, index.parts.map(pack)];
}

function unpack([kind, headerAt, bodyAt, endAt, lines, type, charset, encoding, parts]: Packed): PartIndex {
  return { kind: KINDS[kind], headerAt, bodyAt, endAt, lines, type, charset, encoding, parts: parts.map(unpack) };
}
