import type { Clock } from '../../ports.ts';
import { BackOff } from '../back-off.ts';
import { Delays } from './delays.ts';
import { GivingWay } from './giving-way.ts';

/** `done`: nothing more until somebody adds the key again. `again`: in `afterMs`, without counting as a failure. */
export type WorkOutcome = { readonly kind: 'done' } | { readonly kind: 'again'; readonly afterMs: number };

export type WorkQueueOptions = {
  /** Brings one object to what it should be. What it throws counts as a failure: the key comes back after a pause. */
  work(key: string, signal: AbortSignal): Promise<WorkOutcome>;
  failed(key: string, error: unknown): void;
  /** Keys worked on at the same time. */
  readonly parallelism: number;
  /** How long something else goes before this key, ms; 0: it need not wait. Asked again when that is over. */
  readonly respite?: (key: string) => number;
  /** What of the work does not give way. What it throws is told as a failure; the work itself comes when it would have. */
  readonly urgent?: (key: string, signal: AbortSignal) => Promise<void>;
  /** No key waits for longer than this, ms, however often `respite` says so. */
  readonly longestRespiteMs?: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  readonly clock: Clock;
  readonly random: () => number;
};

/**
 * Keys of objects that have to be looked at.
 *
 *   add ──▶ waiting (each key once, oldest first) ──▶ busy (at most `parallelism`) ──▶ done
 *               ▲                                        │ added meanwhile: once more, behind the others
 *               └──── delayed (`addAfter`, again, failed, `respite`) ◀──┘
 *
 * A key is never worked on twice at the same time, and whatever is added after a work began is worked on after it.
 * A key that keeps failing waits twice as long each time, up to a limit; an `add` does not wait for that: something has
 * changed, so it may go better.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #delays: Delays;
  readonly #pauses = new Map<string, BackOff>();
  readonly #stopping = new AbortController();
  readonly #givingWay: GivingWay;
  #open = true;
  #scheduled = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#givingWay = new GivingWay(options.clock, options.longestRespiteMs ?? Number.POSITIVE_INFINITY);
    this.#delays = new Delays(options.clock, (key) => this.add(key));
  }

  /** How many keys wait for their turn now; those that are delayed do not count. */
  get depth(): number {
    return this.#waiting.size;
  }

  add(key: string): void {
    if (!this.#open) return;
    this.#delays.cancel(key);
    this.#waiting.add(key);
    this.#nextSoon();
  }

  /** The earliest of several moments for one key counts. */
  addAfter(key: string, ms: number): void {
    if (this.#open) this.#delays.set(key, ms);
  }

  /**
   * Begins nothing more, and returns when all that was begun has ended. Whoever starts next finds all objects anew, so
   * what waits is forgotten.
   * @param signal when it fires, work under way is told to end at once
   */
  async stop(signal: AbortSignal): Promise<void> {
    this.#open = false;
    this.#waiting.clear();
    this.#givingWay.clear();
    this.#delays.clear();
    const abort = (): void => this.#stopping.abort(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    await Promise.all(this.#busy.values());
    signal.removeEventListener('abort', abort);
  }

  /** Later in this turn: a key that several events of one moment name is worked on once. */
  #nextSoon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#next());
  }

  #next(): void {
    this.#scheduled = false;
    for (const key of this.#waiting) {
      if (this.#busy.size >= this.#options.parallelism) return;
      if (this.#busy.has(key)) continue;
      this.#waiting.delete(key);
      const ms = this.#givingWay.left(key, this.#options.respite?.(key) ?? 0);
      if (ms > 0 && this.#options.urgent === undefined) this.#delays.set(key, ms);
      else if (ms > 0) this.#busy.set(key, this.#giveWay(key, ms));
      else this.#busy.set(key, this.#run(key));
    }
  }

  async #giveWay(key: string, ms: number): Promise<void> {
    const { urgent, failed, clock } = this.#options;
    const until = clock.monotonic() + ms;
    try {
      await urgent?.(key, this.#stopping.signal);
    } catch (error) {
      failed(key, error);
    }
    this.#busy.delete(key);
    if (!this.#waiting.has(key)) this.addAfter(key, Math.max(0, until - clock.monotonic()));
    this.#nextSoon();
  }

  async #run(key: string): Promise<void> {
    const afterMs = await this.#attempt(key);
    this.#busy.delete(key);
    // Whoever added it meanwhile wants it sooner.
    if (afterMs !== null && !this.#waiting.has(key)) this.addAfter(key, afterMs);
    this.#nextSoon();
  }

  /** Milliseconds until the key is to be looked at again; null: not by itself. */
  async #attempt(key: string): Promise<number | null> {
    const { work, failed } = this.#options;
    try {
      const outcome = await work(key, this.#stopping.signal);
      this.#pauses.delete(key);
      return outcome.kind === 'done' ? null : outcome.afterMs;
    } catch (error) {
      failed(key, error);
      return this.#pauseOf(key).next();
    }
  }

  #pauseOf(key: string): BackOff {
    const { firstPauseMs: firstMs, longestPauseMs: capMs, random } = this.#options;
    return this.#pauses.getOrInsertComputed(key, () => new BackOff({ firstMs, capMs, random }));
  }
}
