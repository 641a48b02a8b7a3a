import type { Logger } from '#runtime/logger.ts';
import type { Clock } from '../clock.ts';
import type { Term } from '../term.ts';

/** Without a refusal for so long, writes that succeed prove that there is space: small ones often do all the while, ms. */
const QUIET_MS = 10_000;

/** The operator says it again every second. */
const WORD_MS = 5_000;
/** For so long, ms, a refusal explains why there is no writer: one whose log has no space ends. Afterwards the operator knows. */
const EXPLAINS_MS = 30_000;

/** Tells once that a repository is full, and once that it no longer is, however many commands meet it meanwhile. */
export class SpaceWatch {
  readonly #options: { readonly clock: Clock; readonly log: Logger };
  /** Clock time of the last refusal; null while there is space. */
  #refusedAt: number | null = null;
  /** … and of the operator's last word of it. */
  #toldAt: number | null = null;

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

  /** The operator says that the writer is down for want of space, or no longer says so. */
  told(term: Term | null, isFull: boolean): void {
    const { clock, log } = this.#options;
    const { writer = null, epoch = null } = term ?? {};
    if (isFull && this.#refusedAt === null && this.#toldAt === null) {
      log.event('DiskFull', { writer, epoch, reason: 'the operator says that its server ended for want of space' });
    }
    if (isFull) this.#toldAt = clock.now();
    // What is remembered ends with a write, as it does after a refusal.
    else if (this.#toldAt !== null) [this.#refusedAt, this.#toldAt] = [this.#refusedAt ?? this.#toldAt, null];
  }

  /** Nobody takes over from a writer that is down for want of space. */
  get isDown(): boolean {
    return this.#toldAt !== null && this.#options.clock.now() - this.#toldAt < WORD_MS;
  }

  /** Where there is no writer, this is why. */
  get explains(): boolean {
    if (this.isDown) return true;
    return this.#refusedAt !== null && this.#options.clock.now() - this.#refusedAt < EXPLAINS_MS;
  }

  /** A write was done. */
  accepted(): void {
    const { clock, log } = this.#options;
    if (this.#refusedAt === null || clock.now() - this.#refusedAt < QUIET_MS) return;
    this.#refusedAt = null;
    log.event('DiskSpaceBack');
  }
}
