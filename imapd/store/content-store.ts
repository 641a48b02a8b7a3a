import type { AnalyzedMessage } from '../mime/analyzed-message.ts';
import type { Attempt } from '../routing/repository-access.ts';
import type { ContentId, MailboxId, OperationId, Uid } from './types.ts';

/**
 * Content: what IMAP never lets change. Read from replicas, from the primary where a replica lacks it. The pair
 * (mailbox, UID) names content for ever, so a replica may resolve it too.
 */
export interface ContentStore {
  /**
   * Takes a message in as it arrives. Chunks are committed under the operation id, in bounded memory; nothing is visible
   * until `append`. What is staged and never appended is collected after a day.
   */
  stage(source: AsyncIterable<Buffer>, request: StageRequest, attempt: Attempt): Promise<StagedMessage>;

  /**
   * Facts of many messages, in ascending order of UID, in batches whose memory is bounded. Messages that are gone are
   * left out. One statement a batch, never one a message.
   */
  readMessages(request: ReadMessages, attempt: Attempt): AsyncIterable<readonly MessageContent[]>;

  /**
   * Octets `offset` up to `offset + length` of the raw message, as a stream in bounded memory. A member that fails under
   * way is replaced by another at the same offset.
   * @throws ContentGone where the message is expunged and collected
   */
  readRaw(
    request: { readonly mailbox: MailboxId; readonly uid: Uid; readonly offset: number; readonly length: number },
    attempt: Attempt,
  ): AsyncIterable<Buffer>;
}

export type StageRequest = {
  readonly operation: OperationId;
  /** Position of the message in its APPEND (MULTIAPPEND has several). */
  readonly ordinal: number;
};

/** A message that was taken in, not yet part of any mailbox. */
export type StagedMessage = {
  readonly content: ContentId;
  readonly size: number;
  /** SHA-256 of the raw message. */
  readonly hash: Buffer;
  /** A small message is kept here and written by `append`, in one transaction; null: its chunks are stored already. */
  readonly inline: InlineMessage | null;
};

/** At most one chunk (256 KiB). */
export type InlineMessage = { readonly raw: Buffer; readonly analysis: AnalyzedMessage };

/** The message was expunged and its content collected, or it never existed. */
export class ContentGone extends Error {
  override readonly name = 'ContentGone';
}

/** No member has a copy of the content that matches its hash (code ContentCorrupt). */
export class ContentCorrupt extends Error {
  override readonly name = 'ContentCorrupt';
}

/** Octets of `head`: the texts of most messages begin in it. */
export const HEAD_SIZE = 16 * 1024;

/** Columns to read; only what is asked for is fetched. */
export type ContentField =
  | 'internalDate'
  | 'savedAt'
  | 'expunged'
  | 'size'
  | 'header'
  | 'envelope'
  | 'body'
  | 'bodyStructure'
  | 'partIndex'
  | 'sentDay'
  | 'contentHash'
  | 'head'
  | 'raw'
  | 'headerSignature'
  | 'bodySignature';

export type ReadMessages = {
  readonly mailbox: MailboxId;
  readonly uids: readonly Uid[];
  readonly fields: ReadonlySet<ContentField>;
  /** `raw` is given for messages up to this size, in octets; larger ones are for `readRaw`. */
  readonly rawUpTo?: number;
  /**
   * When this process first learnt of the youngest of these messages, in ms of `performance.now()`; absent = long ago.
   * Younger than a reader's lag means: ask the primary at once.
   */
  readonly learntAt?: number;
  /** What will probably be asked for next. A store that keeps content may read that by the same statement; it is no part of the answer. */
  readonly ahead?: ReadAhead;
};

/** The rest of a walk, whose messages are asked for one at a time. */
export type ReadAhead = {
  /** Stands for the walk; what is kept for it is dropped when this fires. */
  readonly until: AbortSignal;
  /** The messages of the walk behind the one that is asked for, ascending; none that has come lately, which a reader may lack. */
  readonly next: (atMost: number) => readonly Uid[];
};

export type MessageContent = {
  readonly uid: Uid;
  readonly internalDate?: Date;
  /** When it came into its mailbox; absent where that is not known any more (expunged before it was kept). */
  readonly savedAt?: Date;
  /** It is in its mailbox no more, and only its content is still here. */
  readonly expunged?: boolean;
  readonly size?: number;
  /** The header block with its empty line, byte for byte. */
  readonly header?: Buffer;
  /** ENVELOPE, BODY and BODYSTRUCTURE as ready IMAP text (octets). */
  readonly envelope?: Buffer;
  readonly body?: Buffer;
  readonly bodyStructure?: Buffer;
  /** Serialized `PartIndex` of imapd/mime. */
  readonly partIndex?: Buffer;
  /** Day of the Date field as written there, `YYYY-MM-DD` (SENTBEFORE, SENTON, SENTSINCE); null without a date. */
  readonly sentDay?: string | null;
  /** SHA-256 of the raw message. */
  readonly contentHash?: Buffer;
  /** The first `HEAD_SIZE` octets of the raw message, or all of a shorter one. */
  readonly head?: Buffer;
  readonly raw?: Buffer;
  /** What may be in its header, and in its body: `filterOf` of imapd/mime. Absent where nobody has made it yet. */
  readonly headerSignature?: Buffer;
  readonly bodySignature?: Buffer;
};
