import type { HistoryEvent, Outcome } from '../checker/history.ts';

/** Collects a run's history on one monotonic clock (ms). */
export type Recorder = {
  now(): number;
  add(event: HistoryEvent): void;
  readonly events: readonly HistoryEvent[];
};

export function createRecorder(now: () => number): Recorder {
  const events: HistoryEvent[] = [];
  return { now, add: (event) => void events.push(event), events };
}

/** What became of a request, and when: `begun` is taken before the first byte leaves, `ended` after the answer is read. */
export type Timed<T> = {
  readonly begun: number;
  readonly ended: number;
  readonly outcome: Outcome;
  readonly value: T | null;
};

/**
 * Runs one request. A `NO` may hide a COMMIT whose answer the server never saw, and so may a lost connection: both are
 * `unknown`, which the checker reads as "may have happened". Only an OK is a promise.
 */
export async function timed<T>(recorder: Recorder, request: () => Promise<T | false>): Promise<Timed<T>> {
  const begun = recorder.now();
  try {
    const value = await request();
    return {
      begun,
      ended: recorder.now(),
      outcome: value === false ? 'unknown' : 'ok',
      value: value === false ? null : value,
    };
  } catch (cause) {
    if (cause instanceof Error) return { begun, ended: recorder.now(), outcome: 'unknown', value: null };
    throw cause;
  }
}
