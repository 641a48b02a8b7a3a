import type { SessionPair } from '../sessions/session-pair.ts';
import { awaitApplied } from './applier.ts';
import { stopReceiver } from './receiver.ts';
import { readReplicaStatus } from './replica-status.ts';
import { setAcknowledging } from './semi-sync.ts';
import { stopApplier } from './stop-applier.ts';
import { wordsOf } from './words.ts';

/**
 * Turns a replica into a primary, with all that it has received; one that is primary stays so. Who may write, and for whom its
 * commits wait, is written before. It keeps its log and its position.
 */
export async function promoteServer(sessions: SessionPair, signal: AbortSignal): Promise<void> {
  const { waiter: connection } = sessions;
  if ((await readReplicaStatus(connection)) === null) return;
  const { replica } = wordsOf[connection.flavour];
  await stopReceiver(sessions, signal);
  await awaitApplied(connection, signal);
  const forget = { name: 'forget-upstream', text: `RESET ${replica} ALL` };
  await stopApplier(connection, [forget, setAcknowledging(connection.flavour, false)]);
}
