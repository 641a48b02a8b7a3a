import type { Logger } from '#runtime/logger.ts';
import type { Clock } from './clock.ts';

/** An outage that lasts is told of this often, ms; a shorter one once, when it is over. */
const TELL_MS = 60_000;

/** Gathers the waits for a writer that ended in vain into one line of the log for an outage, whatever their number. */
export class HoldExpiries {
  readonly #options: { readonly clock: Clock; readonly log: Logger };
  #count = 0;
  #longestMs = 0;
  #cancel: (() => void) | null = null;

  constructor(options: { readonly clock: Clock; readonly log: Logger }) {
    this.#options = options;
  }

  /** A call waited this long and was answered by RepositoryUnavailable. */
  add(heldMs: number): void {
    this.#count += 1;
    this.#longestMs = Math.max(this.#longestMs, heldMs);
    this.#cancel ??= this.#options.clock.after(TELL_MS, () => this.tell());
  }

  /** Says what has gathered, if anything: the outage is over, or lasts, or the process ends. */
  tell(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (this.#count === 0) return;
    const longestMs = Math.round(this.#longestMs);
    this.#options.log.event('HoldExpired', { count: this.#count, longestMs });
    this.#count = 0;
    this.#longestMs = 0;
  }
}
