import type { Target } from '#contract/routing-document.ts';
import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Clock } from '../clock.ts';
import type { Driver } from '../driver.ts';
import { ReaderBoard } from '../reader-board.ts';
import { withLoan } from './borrow.ts';
import type { Member, MemberPools } from './member-pools.ts';
import { type Limits, NoAnswerInTime } from './patience.ts';

/** Two samples a second (DESIGN section 7): a replica is known at least this exactly. */
const SAMPLE_INTERVAL_MS = 500;
/** An answer to the watch that takes longer is none. */
const WATCH_TIMEOUT_MS = 1_000;
/** The writer's position is asked for first, and waited for this long, so that replicas may have replayed it already. */
const WRITER_FIRST_MS = 50;

export type ReadersOptions<C extends object> = {
  readonly driver: Driver<C>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly maxLagMs: number;
  readonly random: () => number;
  /** Whether the writer may be asked for its position now. */
  readonly writerOpen: () => boolean;
  /** A replica was seen streaming from the writer at `epoch`; the question was sent at `since`. */
  readonly onStreaming: (epoch: number, since: number) => void;
};

/** Watches the members of one repository to know which replica may be read from. */
export class Readers<C extends object> {
  readonly board: ReaderBoard;
  readonly #options: ReadersOptions<C>;
  readonly #stop = new AbortController();
  #target: Target | null = null;
  #pools: MemberPools<C> | null = null;
  #running: Promise<void> | null = null;

  constructor(options: ReadersOptions<C>) {
    this.#options = options;
    this.board = new ReaderBoard(options);
  }

  retarget(target: Target, pools: MemberPools<C>): void {
    this.#target = target;
    this.#pools = pools;
    this.board.retarget(target);
    this.#running ??= this.#watch();
  }

  member(name: string): Member | null {
    const endpoint = this.#target?.members[name];
    return endpoint === undefined ? null : { name, endpoint };
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    do {
      const target = this.#target;
      const pools = this.#pools;
      if (target === null || pools === null) continue;
      const sampled = this.#sampleWriter(target, pools);
      await Promise.race([sampled, pause(WRITER_FIRST_MS, signal)]);
      await Promise.all([sampled, ...target.readers.map((name) => this.#askReader(name, target, pools))]);
    } while ((await pause(SAMPLE_INTERVAL_MS, signal)) === 'elapsed');
  }

  #limits(): Limits {
    const { clock } = this.#options;
    return { clock, deadline: clock.now() + WATCH_TIMEOUT_MS, left: this.#stop.signal };
  }

  async #sampleWriter(target: Target, pools: MemberPools<C>): Promise<void> {
    const member = target.writer === null ? null : this.member(target.writer);
    if (member === null || !this.#options.writerOpen()) return;
    const { clock, driver } = this.#options;
    const at = clock.now();
    try {
      const lender = { pools, member, role: 'monitor' } as const;
      const position = await withLoan(lender, this.#limits(), (c) => driver.writerPosition(c));
      this.board.sample(target.epoch, at, position);
    } catch (error) {
      // The watch is no judge of the writer: whoever needs it finds out by using it. Replicas grow old meanwhile.
      this.#options.log.debug({ member: member.name, error: String(error) }, 'no position of the writer');
    }
  }

  async #askReader(name: string, target: Target, pools: MemberPools<C>): Promise<void> {
    const member = this.member(name);
    if (member === null) return;
    const { clock, driver, onStreaming, log } = this.#options;
    const since = clock.now();
    try {
      const lender = { pools, member, role: 'monitor' } as const;
      const status = await withLoan(lender, this.#limits(), (c) => driver.readerStatus(c));
      this.board.heard(name, { ...status, latencyMs: clock.now() - since });
      const writer = target.writer === null ? undefined : target.members[target.writer];
      const from = status.streamingFrom;
      const attached = from !== null && from.host === writer?.host && from.port === writer.port;
      if (attached && status.epoch === target.epoch) onStreaming(target.epoch, since);
    } catch (error) {
      // Merely late, on a busy machine: its age goes on growing and takes it out if nothing else does.
      if (!(error instanceof NoAnswerInTime)) this.board.failed(name);
      log.debug({ member: name, error: String(error) }, 'a reader does not answer');
    }
  }
}
