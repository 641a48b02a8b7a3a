/** Monotonic time and timers, passed in so that a test can turn the hands itself. */
export type Clock = {
  /** Milliseconds of `performance.now()`: never goes back, says nothing about the date. */
  now(): number;
  /** Runs once after `ms`; the returned function takes it back. */
  after(ms: number, run: () => void): () => void;
};

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
