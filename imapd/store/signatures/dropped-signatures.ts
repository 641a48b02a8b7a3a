import type { Logger } from '#runtime/logger.ts';
import { RepositoryUnavailable } from '../../routing/repository-access.ts';

/** Between two lines of the log, ms: without a writer every search that signs drops something. */
const QUIET_MS = 60_000;

/** Signatures that a search has made and that are not stored. */
export type Dropped = {
  readonly messages: number;
  /** What storing failed with; null: too much waited to be stored. */
  readonly error: unknown;
};

export type DroppedSignaturesOptions = {
  readonly log: Logger;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Told of each, for the metrics. */
  readonly count: (messages: number) => void;
};

/** Counts the signatures of one partition that are dropped, and logs why: one line a minute at most, with how many since the last. */
export class DroppedSignatures {
  readonly #options: DroppedSignaturesOptions;
  #untold = 0;
  #quietUntil = Number.NEGATIVE_INFINITY;

  constructor(options: DroppedSignaturesOptions) {
    this.#options = options;
  }

  note({ messages, error }: Dropped): void {
    const { log, now, count } = this.#options;
    count(messages);
    this.#untold += messages;
    if (now() < this.#quietUntil) return;
    this.#quietUntil = now() + QUIET_MS;
    // Of a writer that is away only that: a stack trace would tell of this process, where nothing is wrong.
    const why = error instanceof RepositoryUnavailable ? { error: error.message } : { err: error };
    log.event('SignaturesDropped', { messages: this.#untold, ...(error === null ? { error: 'too many wait' } : why) });
    this.#untold = 0;
  }
}
