import type { Clock } from '../ports.ts';

/** `again`: failed, to be tried later; anything else starts the back-off anew. */
export type TaskEnd = 'done' | 'again';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 15_000;

/**
 * Work that may take long and must not hold up a partition's decisions: at most one task per key, tried again with
 * growing pauses, all of them given up when a change of primary begins.
 */
export class Background {
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  readonly #onError: (key: string, error: unknown) => void;
  readonly #running = new Map<string, { readonly abort: AbortController; readonly ended: Promise<void> }>();
  readonly #waits = new Map<string, { readonly failures: number; readonly until: number }>();
  #closed = false;

  constructor(options: { clock: Clock; onEnd: () => void; onError: (key: string, error: unknown) => void }) {
    this.#clock = options.clock;
    this.#onEnd = options.onEnd;
    this.#onError = options.onError;
  }

  /** Starts `task` unless one with this key runs or waits, or all has been closed. Returns whether it did. */
  start(key: string, task: (signal: AbortSignal) => Promise<TaskEnd>): boolean {
    if (this.#closed) return false;
    const wait = this.#waits.get(key);
    if (this.#running.has(key) || (wait !== undefined && this.#clock.monotonic() < wait.until)) return false;
    const abort = new AbortController();
    this.#running.set(key, { abort, ended: this.#run(key, task, abort.signal) });
    return true;
  }

  /** Aborts everything. Tasks end soon after; none is waited for here, since they may be waiting for our turn. */
  giveUp(): void {
    for (const task of this.#running.values()) task.abort.abort();
    this.#waits.clear();
  }

  /** Gives up what runs and starts nothing more: a turn that is under way may still want to. */
  close(): void {
    this.#closed = true;
    this.giveUp();
  }

  async ended(): Promise<void> {
    await Promise.all([...this.#running.values()].map((task) => task.ended));
  }

  async #run(key: string, task: (signal: AbortSignal) => Promise<TaskEnd>, signal: AbortSignal): Promise<void> {
    let end: TaskEnd = 'again';
    try {
      end = await task(signal);
    } catch (error) {
      if (!signal.aborted) this.#onError(key, error);
    }
    this.#running.delete(key);
    if (end === 'done') this.#waits.delete(key);
    else if (!signal.aborted) this.#wait(key);
    this.#onEnd();
  }

  #wait(key: string): void {
    const failures = (this.#waits.get(key)?.failures ?? 0) + 1;
    const pause = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
    this.#waits.set(key, { failures, until: this.#clock.monotonic() + pause });
  }
}
