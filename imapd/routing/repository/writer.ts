import type { RepositoryView } from '#contract/push-api.ts';
import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Clock } from '../clock.ts';
import type { Driver } from '../driver.ts';
import { HoldExpiries } from '../hold-expiries.ts';
import { HoldGate, type HoldGateOptions } from '../hold-gate.ts';
import type { Term } from '../term.ts';
import { withLoan } from './borrow.ts';
import type { WriterFailure } from './failure.ts';
import type { MemberPools } from './member-pools.ts';

/** Pauses between probes of a suspected writer, ms; the last one goes on. The first probe comes at once. */
const PROBE_PAUSES_MS = [0, 10, 20, 40, 80, 160];
/**
 * One probe, ms. Long, for its barrier rightly hangs while the repository has too few replicas or its server is stopped,
 * and each one that is given up leaves a backend behind which still waits.
 */
const PROBE_DEADLINE_MS = 60_000;

export type WriterOptions<C extends object> = Pick<HoldGateOptions, 'maxHeld' | 'mayWrite' | 'onReleased'> & {
  readonly driver: Driver<C>;
  readonly clock: Clock;
  readonly log: Logger;
};

/**
 * The writer of one repository as this process sees it: the gate in front of it, and suspicion. Any failure of the member
 * closes the gate; it opens by a new document, or by a barrier write that the suspected writer has acknowledged at the
 * epoch in force (its connection only broke, or it was fenced and granted again). Another member is never tried.
 */
export class Writer<C extends object> {
  readonly gate: HoldGate;
  readonly #options: WriterOptions<C>;
  readonly #expiries: HoldExpiries;
  #pools: MemberPools<C> | null = null;
  #reachable: boolean | null = null;
  #failure: WriterFailure | null = null;
  /** When it last answered in this term. */
  #answeredAt: number | null = null;
  /** Probes since a statement last succeeded: a member that passes probes and fails in use is not asked ever faster. */
  #probes = 0;

  constructor(options: WriterOptions<C>) {
    this.#options = options;
    this.#expiries = new HoldExpiries(options);
    this.gate = new HoldGate({
      ...options,
      onReleased: (hold) => {
        if (hold.outcome === 'expired') this.#expiries.add(hold.heldMs);
        options.onReleased?.(hold);
      },
    });
  }

  get view(): Pick<RepositoryView, 'writerReachable' | 'writerFailure' | 'writerSilentMs' | 'held'> {
    const writerSilentMs = this.#answeredAt === null ? null : this.#options.clock.now() - this.#answeredAt;
    return { writerReachable: this.#reachable, writerFailure: this.#failure, writerSilentMs, held: this.gate.held };
  }

  begin(term: Term, pools: MemberPools<C>): void {
    const wasWithout = this.gate.term === null || this.gate.suspended;
    this.#pools = pools;
    this.#reachable = null;
    this.#failure = null;
    this.#answeredAt = null;
    this.#probes = 0;
    this.gate.begin(term);
    if (wasWithout) this.#tellBack({ writer: term.writer, epoch: term.epoch });
  }

  end(): void {
    if (this.gate.term !== null) this.#options.log.event('WriterLost', { reason: 'the target names no writer' });
    this.gate.end();
    this.#pools = null;
    this.#reachable = null;
    this.#answeredAt = null;
  }

  /** For good: the process stops, or the partition is not its any more. */
  close(): void {
    this.end();
    this.#expiries.tell();
  }

  /** A statement was answered. */
  heard(term: Term): void {
    if (this.gate.term !== term) return;
    this.#answeredAt = this.#options.clock.now();
    if (this.gate.suspended) return;
    this.#reachable = true;
    this.#failure = null;
    this.#probes = 0;
  }

  /** A statement failed for a reason that lies with the member. */
  suspect(term: Term, evidence: WriterFailure, cause: unknown): void {
    if (!this.gate.suspend(term)) return;
    this.#reachable = false;
    this.#failure = evidence;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#options.log.event('WriterLost', { writer: term.writer, epoch: term.epoch, evidence, reason });
    void this.#probeUntilConfirmed(term);
  }

  #tellBack(fields: Record<string, unknown>): void {
    this.#expiries.tell();
    this.#options.log.event('WriterBack', fields);
  }

  async #probeUntilConfirmed(term: Term): Promise<void> {
    while (!term.over.aborted) {
      const ms = PROBE_PAUSES_MS[Math.min(this.#probes, PROBE_PAUSES_MS.length - 1)] ?? 0;
      if ((await pause(ms, term.over)) === 'aborted') return;
      this.#probes += 1;
      const failure = await this.#probe(term);
      if (this.gate.term !== term) return;
      this.#failure = failure;
      if (failure === null) {
        this.#reachable = true;
        this.#answeredAt = this.#options.clock.now();
        this.gate.resume(term);
        this.#tellBack({ writer: term.writer, epoch: term.epoch, probes: this.#probes });
        return;
      }
    }
  }

  /** Null once the member has proved that it is the writer at the term's epoch and can commit. */
  async #probe(term: Term): Promise<WriterFailure | null> {
    const pools = this.#pools;
    if (pools === null) return 'refused';
    const { clock, driver } = this.#options;
    const lender = { pools, member: { name: term.writer, endpoint: term.endpoint }, role: 'probe' } as const;
    const limits = { clock, deadline: clock.now() + PROBE_DEADLINE_MS, over: term.over };
    try {
      const outcome = await withLoan(lender, limits, (c) => driver.proveWriter(c, term.epoch));
      return outcome.kind === 'committed' ? null : 'sql';
    } catch (error) {
      const failure = driver.classify(error);
      return failure.kind === 'member' ? failure.evidence : 'timeout';
    }
  }
}
