import type { Logger } from '#runtime/logger.ts';
import type { Clock } from '../clock.ts';
import type { Term } from '../term.ts';

/** Without a refusal for so long, writes that succeed prove that there is space: small ones often do all the while, ms. */
const QUIET_MS = 10_000;

/** Tells once that a repository is full, and once that it no longer is, however many commands meet it meanwhile. */
export class SpaceWatch {
  readonly #options: { readonly clock: Clock; readonly log: Logger };
  /** Clock time of the last refusal; null while there is space. */
  #refusedAt: number | null = null;

  constructor(options: { readonly clock: Clock; readonly log: Logger }) {
    this.#options = options;
  }

  /** A write found no space. */
  refused({ writer, epoch }: Term, cause: unknown): void {
    const { clock, log } = this.#options;
    if (this.#refusedAt === null) {
      log.event('DiskFull', { writer, epoch, reason: cause instanceof Error ? cause.message : String(cause) });
    }
    this.#refusedAt = clock.now();
  }

  /** A write was done. */
  accepted(): void {
    const { clock, log } = this.#options;
    if (this.#refusedAt === null || clock.now() - this.#refusedAt < QUIET_MS) return;
    this.#refusedAt = null;
    log.event('DiskSpaceBack');
  }
}
