import type { SequenceSet } from './sequence-set.ts';

/** `$`: what the last SEARCH RETURN (SAVE) found (RFC 5182). It stands where a set stands, for message numbers and UIDs alike. */
export const SAVED = '$';

/** How a command names messages. `toString` gives what a client writes. */
export type MessageSet = SequenceSet | typeof SAVED;
