/** Something took longer than it may. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** Settles like `promise`, or rejects with DeadlineError after `ms`. The work itself goes on: give it the signal too. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new DeadlineError(`${what}: no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits `ms`, or less when the signal fires; says which. */
export async function pause(ms: number, signal?: AbortSignal): Promise<'elapsed' | 'aborted'> {
  if (signal?.aborted === true) return 'aborted';
  const { promise, resolve } = Promise.withResolvers<'elapsed' | 'aborted'>();
  const aborted = (): void => resolve('aborted');
  const timer = setTimeout(() => resolve('elapsed'), ms);
  signal?.addEventListener('abort', aborted, { once: true });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', aborted);
  }
}
