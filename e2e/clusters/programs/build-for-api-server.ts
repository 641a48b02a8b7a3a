import { API_SERVER_PROGRAMS } from '../local/api-server-programs.ts';
import { ensurePrograms } from './ensure-programs.ts';

/**
 * vitest's globalSetup for tests that call startApiServer, those of the chart among them: what they need is built before the
 * clock of any test runs.
 */
export async function setup(): Promise<void> {
  await ensurePrograms([...API_SERVER_PROGRAMS, 'helm', 'kubectl', 'kubeconform']);
}
