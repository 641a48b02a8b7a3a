import type { SourceItem } from './source-message.ts';

/** Largest message, in octets, that `imapctl import` takes into memory, whatever the source; servers commonly take less. */
export const LARGEST_MESSAGE = 128 << 20;

/** What is told of a message that is larger; none of it is read. */
export const tooLarge = (place: string, sourceBytes: number): SourceItem => ({
  kind: 'broken',
  place,
  reason: `larger than ${LARGEST_MESSAGE >> 20} MiB`,
  sourceBytes,
});
