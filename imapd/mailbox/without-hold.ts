import { type Attempt, RepositoryUnavailable } from '../routing/repository-access.ts';

/**
 * Runs work on a store that gives up, instead of waiting, where there is no writer. A mutation given up in this way may
 * have been carried out all the same: repeat it under the same operation id.
 */
export async function withoutHold<T>(work: (attempt: Attempt) => Promise<T>): Promise<T | 'unavailable'> {
  const controller = new AbortController();
  const attempt: Attempt = {
    signal: controller.signal,
    onHold: () => controller.abort(new RepositoryUnavailable('no writer')),
  };
  try {
    return await work(attempt);
  } catch (error) {
    if (controller.signal.aborted || error instanceof RepositoryUnavailable) return 'unavailable';
    throw error;
  }
}
