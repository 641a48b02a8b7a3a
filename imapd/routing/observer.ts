import type { SignatureNote } from '../store/signatures/signatures.ts';

/** Why content was read from the primary although replicas serve it. */
export type FallbackReason = 'noReader' | 'lagging' | 'recent' | 'miss' | 'corrupt' | 'error';

export type ContentReadNote = {
  /** `cache`: out of this process's memory of young content. */
  readonly source: 'replica' | 'primary' | 'cache';
  /** Empty for the cache. */
  readonly member: string;
  readonly bytes: number;
  /** Null where it was not the primary. */
  readonly fallback: FallbackReason | null;
};

/**
 * Class of what was read: `state` is what may change (listings, UIDs, flags), `account` what signing in needs, `content`
 * what never changes.
 */
export type ReadNote = {
  readonly class: 'state' | 'account';
  readonly source: 'primary' | 'replica';
};

/** What routing tells of itself; `imapd/metrics` counts it. */
export type RoutingObserver = {
  holdEnded(
    partition: string,
    hold: { readonly heldMs: number; readonly outcome: 'writer' | 'expired' | 'left' },
  ): void;
  contentRead(partition: string, read: ContentReadNote): void;
  /** Something that is no content was read. */
  read(partition: string, read: ReadNote): void;
  /** A search has looked at signatures of texts: how many messages they spared it, and how many it made. */
  searched(partition: string, note: SignatureNote): void;
  /** Signatures of so many messages were made, and are not stored. */
  signaturesDropped(partition: string, messages: number): void;
  /** A call was run again: after a failure that is certain, or to settle a COMMIT of unknown outcome. */
  retried(partition: string, why: 'notDone' | 'unknown' | 'read'): void;
};
