import { hash as digest } from 'node:crypto';
import type { ContentField } from '../content-store.ts';

/** What stands in a row of its own beside that of the content. */
export const SIGNATURES: readonly ContentField[] = ['headerSignature', 'bodySignature'];

/** Dates and sizes, and signatures: what else there is stands with the content, whose row is not read for these. */
export const BESIDE_CONTENT: ReadonlySet<ContentField> = new Set<ContentField>([
  'internalDate',
  'savedAt',
  'expunged',
  'size',
  ...SIGNATURES,
]);

/** Whether the octets of a message are those that were stored. */
export const isSound = (raw: Buffer, hash: Buffer): boolean => digest('sha256', raw, 'buffer').equals(hash);
