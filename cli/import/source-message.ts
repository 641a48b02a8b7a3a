/** One thing found in a source: a message, or a place where there should be one. */
export type SourceItem =
  | {
      readonly kind: 'message';
      /** Where it stands, for people: `inbox.mbox at offset 1234`, `cur/1234.host:2,S`. */
      readonly place: string;
      readonly mailbox: string;
      /** As IMAP stores it: lines end with CRLF. */
      readonly bytes: Uint8Array;
      readonly flags: readonly string[];
      readonly internalDate: Date | null;
      /** Bytes of the source that are behind us once this item is done. */
      readonly sourceBytes: number;
    }
  | { readonly kind: 'broken'; readonly place: string; readonly reason: string; readonly sourceBytes: number };

/** A source of messages; `totalBytes` is for the progress bar. */
export type MessageSource = {
  readonly totalBytes: number;
  readonly items: (signal: AbortSignal) => AsyncIterable<SourceItem>;
};
