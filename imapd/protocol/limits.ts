/**
 * Every bound on what a client may send, in one place. Sizes are octets. Pass other values with `withLimits`.
 */
export interface Limits {
  /** Text of one command without its literals. Long sequence sets of offline clients need room (RFC 7162, 4: ≥ 8192). */
  readonly line: number;
  /** One literal before sign-in: names, passwords and ID values are small, and strangers get no memory. */
  readonly literalBeforeLogin: number;
  /** One collected literal after sign-in: mailbox names, search strings. */
  readonly literal: number;
  /** All collected literals of one command. */
  readonly literalsTogether: number;
  /** Collected literals of one command. */
  readonly literalCount: number;
  /** A message of APPEND: what APPENDLIMIT announces. It is streamed, never collected. */
  readonly message: number;
  /** Non-synchronising literal that is read and thrown away to keep the connection; beyond it: BYE. */
  readonly discard: number;
  /** Octets of a tag. */
  readonly tag: number;
  /** SASL answers and DONE (RFC 4616 messages stay far below; OAuth tokens reach some KiB). */
  readonly continuationLine: number;
  /** Ranges in one sequence set. */
  readonly sequenceRanges: number;
  /** Parentheses, NOT and OR within one another in SEARCH: the parser and the evaluation recurse. */
  readonly searchDepth: number;
  /** Search keys of one SEARCH. */
  readonly searchKeys: number;
  /** Items of one FETCH. */
  readonly fetchItems: number;
  /** Field names of one HEADER.FIELDS. */
  readonly headerFields: number;
  /** Numbers of a part specifier. */
  readonly partDepth: number;
  /** Flags and keywords of one STORE or APPEND. */
  readonly flags: number;
  /** UTF-8 octets of a keyword. */
  readonly keyword: number;
  /** UTF-8 octets of a decoded mailbox name. */
  readonly mailboxName: number;
  /** Patterns of one LIST. */
  readonly listPatterns: number;
  /** RFC 2971, 3.3: at most 30 pairs. */
  readonly idFields: number;
}

const KiB = 1024;
const MiB = 1024 * KiB;

export const DEFAULT_LIMITS: Limits = {
  line: 64 * KiB,
  literalBeforeLogin: 4 * KiB,
  literal: 64 * KiB,
  literalsTogether: 256 * KiB,
  literalCount: 128,
  message: 50 * MiB,
  discard: 256 * MiB,
  tag: 128,
  continuationLine: 16 * KiB,
  sequenceRanges: 16_384,
  searchDepth: 32,
  searchKeys: 512,
  fetchItems: 64,
  headerFields: 256,
  partDepth: 64,
  flags: 128,
  keyword: 255,
  mailboxName: 1024,
  listPatterns: 64,
  idFields: 30,
};

export const withLimits = (changes: { readonly [K in keyof Limits]?: Limits[K] }): Limits => ({
  ...DEFAULT_LIMITS,
  ...changes,
});
