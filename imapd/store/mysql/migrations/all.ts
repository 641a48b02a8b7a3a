import type { Statement } from '../connection.ts';
import { mailSchema } from './0008-mail-schema.ts';
import { guestsSeen } from './0009-guests-seen.ts';
import { textSignatures } from './0010-text-signatures.ts';

/**
 * In ascending order. The numbers are those of ../../schema-versions.ts, whatever the engine; there is
 * nothing before 8. A migration that has been released is never changed: a later one mends it. Each of its statements may be
 * run again.
 */
export type Migration = { readonly version: number; readonly name: string; readonly statements: readonly Statement[] };

export const migrations: readonly Migration[] = [
  { version: 8, name: 'mail schema', statements: mailSchema },
  { version: 9, name: 'what guests have seen', statements: guestsSeen },
  { version: 10, name: 'signatures of texts', statements: textSignatures },
];
