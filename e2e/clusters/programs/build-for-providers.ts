import { LOCAL_PROGRAMS } from '../local/local-programs.ts';
import { ensurePrograms } from './ensure-programs.ts';

/** vitest's globalSetup for the tests of the providers: what they need is built before the clock of any test runs. */
export async function setup(): Promise<void> {
  await ensurePrograms([...LOCAL_PROGRAMS, 'kind']);
}
