import { setDoor } from '#database/mysql/sessions/door.ts';
import { endMailSessions, endOtherMailSessions } from '#database/mysql/sessions/mail-sessions.ts';
import type { SessionPair } from '#database/mysql/sessions/session-pair.ts';
import { roles } from '#database/roles.ts';

/** For people. */
export const COMMIT_WAITS =
  'a COMMIT waits there for replicas in vain, and SQL cannot end it: kill the server (SIGKILL), and start the server again';

/**
 * Mail is let in no more, its sessions are ended, and writes are refused to all but the administrator. Where a COMMIT waits for its
 * replicas in vain only the others are ended: to end it would answer it, and to refuse writes would wait behind it. It goes on
 * waiting, for who would acknowledge it was detached; a restart of the server, which is somebody else's to do, ends that.
 */
export async function shut(pair: SessionPair, signal: AbortSignal): Promise<'ended' | 'commitWaiting'> {
  await setDoor(pair.watcher, [roles.replication, roles.salvage]);
  const outcome = await endMailSessions(pair, signal);
  if (outcome === 'commitWaiting') await endOtherMailSessions(pair.watcher);
  return outcome;
}
