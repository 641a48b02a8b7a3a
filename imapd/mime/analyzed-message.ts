import type { PartIndex } from './part-index.ts';

/**
 * Everything IMAP asks of a message that can be known when it is delivered: computed once, stored with it. `envelope`,
 * `bodyStructure` and `body` are finished IMAP text, to be copied into FETCH answers as they are (they may hold literals,
 * CRLF and 8-bit bytes: store them as bytes, never as text of some charset).
 */
export interface AnalyzedMessage {
  /** Bytes of the whole message: RFC822.SIZE. */
  readonly size: number;
  /** Line ends in the whole message. */
  readonly lineCount: number;
  /** Bytes of the header with the blank line that ends it; the text of the message begins here. */
  readonly headerSize: number;
  /** Exactly the first `headerSize` bytes. */
  readonly headerBlock: Buffer;
  /** `(date subject from …)`, RFC 3501, 7.4.2. */
  readonly envelope: Buffer;
  /** BODYSTRUCTURE: with extension data. */
  readonly bodyStructure: Buffer;
  /** BODY: without extension data. */
  readonly body: Buffer;
  /** The day in the Date field, as written there, `YYYY-MM-DD` (SENTBEFORE, SENTON, SENTSINCE); null without a date. */
  readonly sentDay: string | null;
  /** The moment in the Date field; null without a date. */
  readonly sentAt: Date | null;
  /** Message-ID with its angle brackets, latin1; null without one. */
  readonly messageId: string | null;
  readonly partIndex: PartIndex;
}
