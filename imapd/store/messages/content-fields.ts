import { hash as digest } from 'node:crypto';
import type { ContentField } from '../content-store.ts';

/** Dates and sizes: what else there is stands with the content. */
export const IN_MESSAGE_ROW: ReadonlySet<ContentField> = new Set<ContentField>([
  'internalDate',
  'savedAt',
  'expunged',
  'size',
]);

/** Whether the octets of a message are those that were stored. */
export const isSound = (raw: Buffer, hash: Buffer): boolean => digest('sha256', raw, 'buffer').equals(hash);
