import type { ExpungeOutcome } from '../store.ts';
import type { ModSeq } from '../types.ts';
import { readUids } from './uid-ranges.ts';

/** What is stored of an outcome. `uids` as `writeUids` gives them. */
export type StoredExpunge =
  | { readonly kind: 'expunged'; readonly uids: string; readonly modSeq: ModSeq }
  | { readonly kind: 'gone' };

export const expungedOf = (stored: StoredExpunge): ExpungeOutcome =>
  stored.kind === 'gone' ? stored : { ...stored, uids: readUids(stored.uids) };

/** Tombstones that are told one by one (QRESYNC): less than 1 MiB of text. Of more, what still exists tells as much. */
export const MOST_EXPUNGES = 100_000;
