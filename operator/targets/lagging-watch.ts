/** What there is to tell of the processes that do not obey the newest document; null where nothing has changed. */
export type Transition = 'TargetsLagging' | 'TargetsConverged' | null;

/**
 * Tells apart a push that is under way from a process that does not obey: behind for longer than `patienceMs` is worth an
 * event, and so is the end of that. Each is told once.
 */
export class LaggingWatch {
  readonly #patienceMs: number;
  #since: number | null = null;
  #told = false;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** @param now monotonic milliseconds */
  note(lagging: readonly string[], now: number): Transition {
    if (lagging.length === 0) {
      const over = this.#told;
      this.#since = null;
      this.#told = false;
      return over ? 'TargetsConverged' : null;
    }
    this.#since ??= now;
    if (this.#told || now - this.#since < this.#patienceMs) return null;
    this.#told = true;
    return 'TargetsLagging';
  }
}
