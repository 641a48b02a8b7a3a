/** Values that the store and everything above it share. */
declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A mailbox for ever: a UUID, kept by RENAME, never given again after DELETE. */
export type MailboxId = Brand<string, 'MailboxId'>;
/** Immutable content of a message: a random UUID, never a sequence (a sequence is reused after a loss). */
export type ContentId = Brand<string, 'ContentId'>;
/** One mutation, for ever: a UUID that its transaction stores, so that an unknown COMMIT can be looked up. */
export type OperationId = Brand<string, 'OperationId'>;
/** RFC 3501 2.3.1.1: 1 – 4294967295. */
export type Uid = Brand<number, 'Uid'>;
/** RFC 3501 2.3.1.1: 1 – 4294967295. */
export type UidValidity = Brand<number, 'UidValidity'>;
/** RFC 7162 3.1: here a safe integer ≥ 1. */
export type ModSeq = Brand<number, 'ModSeq'>;

/** Bits of `flags`. `\Recent` is no flag of a message but of a session, and never stored. */
export const systemFlags = { '\\Seen': 1, '\\Answered': 2, '\\Flagged': 4, '\\Deleted': 8, '\\Draft': 16 } as const;
export type SystemFlag = keyof typeof systemFlags;

/** Keywords are bits too, numbered per mailbox by `MailboxState.keywords`: bit i is keywords[i]. */
export const MAX_KEYWORDS = 62;

/**
 * Messages of a mailbox as parallel arrays in ascending order of UID; 24 bytes a message. Keyword bit i is bit i of
 * `keywordsLow` for i < 31, bit i − 31 of `keywordsHigh` else (31 a word keeps every value a small integer).
 */
export type MessageRows = {
  readonly count: number;
  readonly uids: Uint32Array;
  readonly flags: Uint32Array;
  readonly keywordsLow: Uint32Array;
  readonly keywordsHigh: Uint32Array;
  readonly modSeqs: Float64Array;
};

export const EMPTY_ROWS: MessageRows = {
  ...{ count: 0, uids: new Uint32Array(), flags: new Uint32Array() },
  ...{ keywordsLow: new Uint32Array(), keywordsHigh: new Uint32Array(), modSeqs: new Float64Array() },
};

/** What STORE asks for. `keywords` are names; the store gives them bits (RFC 3501 2.3.2, case-insensitive). */
export type FlagChange = {
  readonly mode: 'replace' | 'add' | 'remove';
  readonly system: number;
  readonly keywords: readonly string[];
  /** Of `replace`: flags that may be cleared, as bits, and whether keywords may. Absent: all. */
  readonly within?: { readonly system: number; readonly keywords: boolean };
};

export type InitialFlags = { readonly system: number; readonly keywords: readonly string[] };
