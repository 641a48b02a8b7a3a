import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { readReplicaStatus } from '#database/mysql/replication/replica-status.ts';
import { requireAcknowledgements } from '#database/mysql/replication/semi-sync.ts';
import { wordsOf } from '#database/mysql/replication/words.ts';
import { setDoor } from '#database/mysql/sessions/door.ts';
import { letAllWrite, makeReadOnly } from '#database/mysql/sessions/read-only.ts';
import type { SessionPair } from '#database/mysql/sessions/session-pair.ts';
import type { Posture } from '../../engine.ts';
import { letIn } from '../settings/let-in.ts';

export type Told = { readonly role: 'primary' | 'replica'; readonly posture: Posture };

/**
 * Tells a running server whom to let in, who may write, and for whom its commits wait. A door that shuts comes first and
 * one that opens last. Behind COMMITs that wait nothing of it waits: writing is refused by `endMailSessions`, where a door was shut.
 */
export async function tellPosture(sessions: SessionPair, { role, posture }: Told): Promise<void> {
  const { watcher } = sessions;
  const { access, synchronous } = posture;
  if (access === 'closed' || access === 'salvage') await setDoor(watcher, letIn[access]);
  if (role === 'primary') await followNobody(watcher);
  // A replica that waited for replicas of its own would not get on with what it has received.
  await requireAcknowledgements(watcher, role === 'primary' ? synchronous.required : 0);
  if (access === 'serving') await letAllWrite(watcher);
  if (access === 'reading' && !(await makeReadOnly(sessions, { writers: 'nobody' }))) {
    throw new Error('something is being committed: the server does not refuse to be written to');
  }
  if (access === 'reading' || access === 'serving') await setDoor(watcher, letIn[access]);
}

/** What a replica was that is a primary again: it is not to find its old upstream. */
async function followNobody(connection: MysqlConnection): Promise<void> {
  if ((await readReplicaStatus(connection)) === null) return;
  const { replica } = wordsOf[connection.flavour];
  await connection.batch([
    { name: 'stop-replication', text: `STOP ${replica}` },
    { name: 'forget-upstream', text: `RESET ${replica} ALL` },
  ]);
}
