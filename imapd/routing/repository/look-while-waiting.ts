import { pause } from '#runtime/deadline.ts';

/** Between two looks, ms. */
const EVERY_MS = 500;

export type Waiting<W, F> = {
  /** Ends what waits, and what looks. */
  readonly signal: AbortSignal;
  readonly wait: (signal: AbortSignal) => Promise<W>;
  /** null: not there yet. */
  readonly look: (signal: AbortSignal) => Promise<F | null>;
};

export type WaitEnd<W, F> =
  | { readonly by: 'waiting'; readonly value: W }
  | { readonly by: 'looking'; readonly value: F };

/** What comes first: that which is waited for, or what is looked for now and again meanwhile. The other is given up. */
export async function lookWhileWaiting<W, F>({ signal, wait, look }: Waiting<W, F>): Promise<WaitEnd<W, F>> {
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const waiting = wait(both).then((value) => ({ by: 'waiting', value }) as const);
  const looking = lookAgain(look, both).then((value) => ({ by: 'looking', value }) as const);
  try {
    return await Promise.race([waiting, looking]);
  } finally {
    over.abort(new Error('it came from elsewhere'));
    for (const late of [waiting, looking]) late.catch(() => undefined);
  }
}

async function lookAgain<F>(look: Waiting<unknown, F>['look'], signal: AbortSignal): Promise<F> {
  for (;;) {
    await pause(EVERY_MS, signal);
    signal.throwIfAborted();
    const found = await look(signal);
    if (found !== null) return found;
  }
}
