import { type Attempt, RepositoryUnavailable } from '../routing/repository-access.ts';
import { ConnectionClosed } from '../session/output.ts';

/** A primary that hangs is found out by others; whoever can do without it waits no longer than this. */
export const PATIENCE_MS = 2000;

/**
 * Runs work on a store that gives up, instead of waiting, where there is no writer. A mutation given up in this way may
 * have been carried out all the same: what repeats it must not mind.
 */
export async function withoutHold<T>(
  work: (attempt: Attempt) => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T | 'unavailable'> {
  const controller = new AbortController();
  const giveUp = (): void => controller.abort(new RepositoryUnavailable('no writer'));
  const timer = setTimeout(giveUp, patienceMs);
  // Whoever calls onHold may be about to listen to the signal only after that.
  const attempt: Attempt = { signal: controller.signal, onHold: () => queueMicrotask(giveUp) };
  try {
    return await work(attempt);
  } catch (error) {
    // A response that broke off ends its connection, whatever broke it.
    if (error instanceof ConnectionClosed) throw error;
    if (controller.signal.aborted || error instanceof RepositoryUnavailable) return 'unavailable';
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
