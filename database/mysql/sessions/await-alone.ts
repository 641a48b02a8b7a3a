import { poll } from '#runtime/poll.ts';
import { listSessions, type Session } from './list-sessions.ts';
import type { SessionPair } from './session-pair.ts';

const POLL_MS = 5;
/** Somebody who comes again and again is not waited for. */
const LEAVE_MS = 500;

/** The server's own, which it ends by itself. */
const isOwn = ({ user, command }: Session): boolean =>
  command === 'Daemon' || user === 'event_scheduler' || user === 'system user';

/**
 * Waits until nobody is connected but these two, for half a second at most. A session that was ended is still there for as long as its
 * thread has not been given a processor, and MySQL that is told to end waits two seconds for whoever it finds.
 */
export async function awaitAlone({ waiter, watcher }: SessionPair, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LEAVE_MS)]);
  await poll(POLL_MS, limit, async () => {
    const sessions = await listSessions(watcher);
    const others = sessions.filter((session) => session.id !== waiter.id && session.id !== watcher.id);
    return others.every(isOwn) ? true : null;
  }).catch(() => signal.throwIfAborted());
}
