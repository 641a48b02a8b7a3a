import type { ServerName } from '../programs/catalogue.ts';
import { whyMissing } from '../programs/ensure-server.ts';

/** Set where somebody counts what was run: there nothing may be left out. */
const COUNTED = 'IMAPCLUSTER_TEST_RESULTS';

/**
 * Whether this machine has the server, or can fetch it; where not, why is written to standard error.
 * @throws Error where it cannot and nothing may be left out
 */
export async function isHere(name: ServerName): Promise<boolean> {
  const why = await whyMissing(name);
  if (why !== null && (process.env[COUNTED] ?? '') !== '') throw new Error(`nothing may be left out here: ${why}`);
  return why === null;
}
