/** So many at once, and so many octets: what waits behind them waits for all of it. */
const MOST = 32;
const MOST_OCTETS = 1024 * 1024;

type Waiting<P, R> = {
  readonly part: P;
  readonly settle: (outcome: Promise<R>) => void;
};

/**
 * Does what has the same key together: while one run is under way, those that come wait, and the next run takes them all. The first
 * of a key goes at once, alone.
 */
export class QueueByKey<P extends { readonly octets: number }, R> {
  readonly #run: (parts: readonly P[]) => Promise<readonly R[]>;
  readonly #waiting = new Map<string, Waiting<P, R>[]>();

  /** @param run gives an outcome for each part, in their order; where it rejects, all of them reject */
  constructor(run: (parts: readonly P[]) => Promise<readonly R[]>) {
    this.#run = run;
  }

  /** @throws the reason of `left`, where that fires before the turn has come; and as `run` does */
  async join(key: string, part: P, left?: AbortSignal): Promise<R> {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return await wait(waiting, part, left);
    this.#waiting.set(key, []);
    try {
      const [outcome] = await this.#run([part]);
      return outcome as R;
    } finally {
      this.#next(key);
    }
  }

  /** Those who wait now go; nobody who waits depends on the one that has just ended. */
  #next(key: string): void {
    const waiting = this.#waiting.get(key) ?? [];
    const together = waiting.splice(0, fitting(waiting));
    if (together.length === 0) {
      this.#waiting.delete(key);
      return;
    }
    const running = this.#run(together.map(({ part }) => part));
    for (const [i, { settle }] of together.entries()) settle(running.then((outcomes) => outcomes[i] as R));
    const next = (): void => this.#next(key);
    running.then(next, next);
  }
}

async function wait<P, R>(waiting: Waiting<P, R>[], part: P, left?: AbortSignal): Promise<R> {
  left?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<R>();
  const entry = { part, settle: resolve };
  const leave = (): void => {
    const at = waiting.indexOf(entry);
    if (at < 0) return;
    waiting.splice(at, 1);
    reject(left?.reason);
  };
  left?.addEventListener('abort', leave, { once: true });
  waiting.push(entry);
  try {
    return await promise;
  } finally {
    left?.removeEventListener('abort', leave);
  }
}

/** How many of the first fit; one always does. */
function fitting(waiting: readonly { readonly part: { readonly octets: number } }[]): number {
  let octets = 0;
  const over = waiting.slice(0, MOST).findIndex(({ part }, i) => {
    octets += part.octets;
    return i > 0 && octets > MOST_OCTETS;
  });
  return over < 0 ? Math.min(MOST, waiting.length) : over;
}
