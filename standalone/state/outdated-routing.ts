import { rm } from 'node:fs/promises';
import { readFileIfPresent, writeFileAtomically } from './atomic-file.ts';
import type { StateFolder } from './state-folder.ts';

/** The signed routing document from which an imapd boots; the operator writes it. */
export const signedRoutingFile = (state: StateFolder): string => state.file('operator', 'routing.jws');

/**
 * The document of an earlier run names databases whose mail schema that run's imapd expected. One that expects another
 * waits for the operator's word, which comes once they have been migrated.
 */
export async function forgetOutdatedRouting(state: StateFolder, schema: string): Promise<void> {
  await state.childFolder('operator');
  const noted = state.file('operator', 'schema');
  if ((await readFileIfPresent(noted)) === schema) return;
  await rm(signedRoutingFile(state), { force: true });
  await writeFileAtomically(noted, schema);
}
