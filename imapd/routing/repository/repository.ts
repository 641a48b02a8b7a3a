import { type Epoch, epoch, type PartitionName } from '#contract/names.ts';
import type { RepositoryView } from '#contract/push-api.ts';
import type { Target } from '#contract/routing-document.ts';
import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import type { OperationId } from '../../store/types.ts';
import type { ReaderFacts } from '../choose-reader.ts';
import type { Clock } from '../clock.ts';
import type { ReadCredentials } from '../credentials.ts';
import type { Driver, Role } from '../driver.ts';
import type { Need } from '../hold-gate.ts';
import type { ReadNote, RoutingObserver } from '../observer.ts';
import {
  type AtOnce,
  type Attempt,
  type ContentRead,
  type RepositoryAccess,
  RepositoryFull,
  RepositoryUnavailable,
  type Together,
} from '../repository-access.ts';
import type { Term } from '../term.ts';
import { WriteLease } from '../write-lease.ts';
import { type AtOnceOutcome, attemptAtOnce } from './attempt-at-once.ts';
import { attemptMutation, type MutationOutcome, type MutationRun } from './attempt-mutation.ts';
import { borrow, withLoan } from './borrow.ts';
import { ContentReader } from './content-reader.ts';
import { lookWhileWaiting, type WaitEnd } from './look-while-waiting.ts';
import { MemberPools, type PoolSizes, type PoolUse } from './member-pools.ts';
import { type Limits, NoAnswerInTime, TermOver } from './patience.ts';
import { QueueByKey } from './queue-by-key.ts';
import { Readers } from './readers.ts';
import { SpaceWatch } from './space-watch.ts';
import { Writer } from './writer.ts';

const NO_SPACE = 'the database has no disk space left';
/** Pause before a transaction that lost a race, or met a member that is busy, is run again, ms. */
const RACE_PAUSE_MS = 5;
const BUSY_PAUSE_MS = 100;
/** Silence for less, ms, says nothing about a member: a try that begins just before the end of the hold has no time for more. */
const TELLING_SILENCE_MS = 250;
/** readAnywhere gives a writer that does not answer this long before it asks a replica, ms. */
const ANYWHERE_PATIENCE_MS = 1_000;

export type RepositoryOptions = {
  readonly partition: PartitionName;
  readonly pod: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  readonly credentials: ReadCredentials;
  readonly sizes: PoolSizes;
  readonly writeHoldMs: number;
  readonly maxHeld: number;
  readonly maxReplicaLagMs: number;
  readonly observer: RoutingObserver;
};

type Mutation<C, T> = Omit<AtOnce<C, T>, 'send'>;
type Part<C> = {
  readonly together: Together<C, unknown>;
  readonly term: Term;
  readonly limits: Limits;
  readonly octets: number;
};

/** Access to one repository, whatever its engine. How a mutation is settled is told in attempt-mutation.ts. */
export class Repository<C extends object> implements RepositoryAccess<C> {
  readonly partition: PartitionName;
  readonly #driver: Driver<C>;
  readonly #options: RepositoryOptions;
  readonly #lease = new WriteLease();
  readonly #writer: Writer<C>;
  readonly #readers: Readers<C>;
  readonly #content: ContentReader<C>;
  readonly #space: SpaceWatch;
  #target: Target;
  #pools: MemberPools<C>;
  #termEnd = new AbortController();
  readonly #closing = new Set<Promise<void>>();
  readonly #together = new QueueByKey<Part<C>, AtOnceOutcome<unknown>>((parts) => this.#sendTogether(parts));

  constructor(driver: Driver<C>, options: RepositoryOptions, target: Target) {
    const { partition, clock, log, observer } = options;
    this.partition = partition;
    this.#driver = driver;
    this.#options = { ...options, log: log.child({ partition }) };
    this.#target = target;
    this.#pools = this.#openPools(target);
    this.#space = new SpaceWatch(this.#options);
    this.#writer = new Writer({
      ...this.#options,
      driver,
      mayWrite: () => this.#lease.allows(clock.now()),
      onReleased: (hold) => observer.holdEnded(partition, hold),
    });
    this.#readers = new Readers({
      ...this.#options,
      driver,
      maxLagMs: options.maxReplicaLagMs,
      writerOpen: () => this.#writer.gate.admitted('read') !== null,
      onStreaming: (seen, since) => this.proveLease({ epoch: seen, since }),
    });
    this.#content = new ContentReader({ ...this.#options, driver, readers: this.#readers, pools: () => this.#pools });
    this.#takeUp(target);
  }

  get epoch(): Epoch {
    return epoch(this.#target.epoch);
  }

  get view(): RepositoryView {
    const leaseRemainingMs = this.#lease.remainingMs(this.#options.clock.now());
    return { epoch: this.#target.epoch, ...this.#writer.view, leaseRemainingMs };
  }

  /** Open connections and waiting calls, for the metrics. */
  get poolUses(): PoolUse[] {
    return this.#pools.uses();
  }

  /** The readers as they are known now, for the metrics. */
  get readers(): readonly ReaderFacts[] {
    return this.#readers.board.facts();
  }

  /** Obeys a newer target. What runs under the old term is abandoned and run again under the next one. */
  retarget(target: Target): void {
    const before = this.#target;
    const pools = this.#pools;
    this.#target = target;
    const sameDatabase = before.database === target.database;
    if (sameDatabase && before.epoch === target.epoch && this.#sameTerm(before, target)) {
      this.#readers.retarget(target, pools);
      pools.keepOnly(target);
      return;
    }
    this.#termEnd.abort();
    this.#termEnd = new AbortController();
    const writers = [before.writer, target.writer];
    this.#pools = sameDatabase ? pools.next(target, writers) : this.#openPools(target);
    this.#closeInBackground(pools);
    this.#takeUp(target);
  }

  /** Evidence that the target still holds (Async): see write-lease.ts. */
  proveLease(proof: { readonly epoch: number; readonly since: number; readonly seconds?: number }): void {
    this.#lease.prove(proof);
    this.#writer.gate.wake();
  }

  async read<T>(work: (connection: C) => Promise<T>, attempt: Attempt): Promise<T> {
    const { value } = await this.#readPrimary('read', work, attempt);
    this.#options.observer.read(this.partition, { class: 'state', source: 'primary' });
    return value;
  }

  async readAnywhere<T>(work: (connection: C) => Promise<T>, attempt: Attempt): Promise<T> {
    const { value, source } = await this.#readAnywhere(work, attempt);
    this.#options.observer.read(this.partition, { class: 'account', source });
    return value;
  }

  async #readAnywhere<T>(
    work: (connection: C) => Promise<T>,
    attempt: Attempt,
  ): Promise<{ readonly value: T; readonly source: ReadNote['source'] }> {
    const term = this.#writer.gate.admitted('read');
    if (term !== null) {
      const limits = { ...this.#limits(attempt, term), deadline: this.#options.clock.now() + ANYWHERE_PATIENCE_MS };
      const outcome = await this.#readOnce({ term, role: 'read', limits }, work);
      if (outcome.kind === 'done') return { value: outcome.value, source: 'primary' };
      attempt.signal.throwIfAborted();
      const passing = outcome.cause instanceof TermOver;
      const { kind } = this.#driver.classify(outcome.cause);
      if (kind === 'statement' && !passing) throw outcome.cause;
      if (kind === 'member') this.#suspect(term, outcome.cause);
    }
    const found = await this.#content.readLastResort(work, attempt);
    if (found !== null) return { value: found.value, source: 'replica' };
    return { value: (await this.#readPrimary('read', work, attempt)).value, source: 'primary' };
  }

  async readContent<T>(
    work: (connection: C) => Promise<ContentRead<T>>,
    attempt: Attempt & { readonly learntAt?: number },
  ): Promise<ContentRead<T>> {
    const writerOpen = this.#writer.gate.admitted('read') !== null;
    const tried = await this.#content.tryReaders(work, { ...attempt, writerOpen });
    if (tried.kind === 'found') return tried.read;
    // Where all are down, as with no disk space, a replica may be back before the writer is.
    const look = async (signal: AbortSignal): Promise<ContentRead<T> | null> => {
      const again = await this.#content.tryReaders(work, { ...attempt, signal, writerOpen: false });
      return again.kind === 'found' ? again.read : null;
    };
    const { by, value: read } = await this.#readPrimary('content', work, { ...attempt, look });
    if (by === 'looking') return read;
    const member = this.#target.writer ?? '';
    if (!read.complete && read.corrupt !== undefined) {
      const sound = await this.#content.tryInsteadOf({ member, corrupt: read.corrupt }, work, attempt);
      if (sound !== null) return sound;
    }
    const bytes = read.complete ? read.bytes : 0;
    this.#options.observer.contentRead(this.partition, { source: 'primary', member, bytes, fallback: tried.reason });
    return read;
  }

  mutate<T>(operation: OperationId, work: (transaction: C) => Promise<T>, attempt: Attempt): Promise<T> {
    return this.#mutate(attempt, { operation, work });
  }

  mutateAtOnce<T>(mutation: AtOnce<C, T>, attempt: Attempt): Promise<T> {
    return this.#mutate(attempt, mutation, mutation);
  }

  /** `whole`: how it is sent as a whole, which is tried first. */
  async #mutate<T>(attempt: Attempt, mutation: Mutation<C, T>, whole: AtOnce<C, T> | null = null): Promise<T> {
    const deadline = this.#deadline();
    // Whether a COMMIT of this very call may be what a later run finds.
    let inDoubt = false;
    let atOnce = whole;
    for (;;) {
      const term = await this.#enter('write', attempt, { deadline, inDoubt });
      const limits = this.#limits(attempt, term, deadline);
      const outcome =
        atOnce === null ? await this.#mutateOnce(mutation, term, limits) : await this.#sendOnce(atOnce, term, limits);
      // Whatever comes next goes step by step: only that tells why something fails, and what an earlier run has left behind.
      atOnce = null;
      if (outcome.kind === 'refused') continue;
      if (outcome.kind === 'done') {
        this.#space.accepted();
        if (outcome.repeated && !inDoubt) attempt.onRepeated?.();
        return outcome.value;
      }
      const unknown = outcome.kind === 'unknown';
      inDoubt ||= unknown;
      this.#options.observer.retried(this.partition, outcome.kind);
      await this.#recover({ term, cause: outcome.cause, limits, unknown });
    }
  }

  /** What the operator says of the writer's disk space. */
  noteFull(isFull: boolean): void {
    this.#space.told(this.#writer.gate.term, isFull);
  }

  /** Ends for good; calls under way reject. */
  async close(): Promise<void> {
    this.#writer.close();
    this.#termEnd.abort();
    await this.#readers.close();
    this.#closeInBackground(this.#pools);
    await Promise.all(this.#closing);
  }

  /** Waits at the gate; says so where that is in vain for want of disk space. */
  async #enter(
    need: Need,
    attempt: Attempt,
    { deadline, inDoubt, waits = inDoubt }: { deadline: number; inDoubt: boolean; waits?: boolean },
  ): Promise<Term> {
    const { gate } = this.#writer;
    // What looks waits no more than what writes: many a write begins by a look. Content is waited for, which no replica had: the
    // server is started again and again, and serves reads for a moment each time.
    if (!waits && this.#space.isDown && gate.admitted(need) === null)
      throw new RepositoryFull(NO_SPACE, { nothingStored: true });
    try {
      return await gate.enter(need, attempt, deadline);
    } catch (cause) {
      if (!(cause instanceof RepositoryUnavailable) || !this.#space.explains) throw cause;
      throw new RepositoryFull(NO_SPACE, { cause, nothingStored: !inDoubt });
    }
  }

  /** Step by step. */
  #mutateOnce<T>(mutation: Mutation<C, T>, term: Term, limits: Limits): Promise<MutationOutcome<T>> {
    return this.#onWriter<MutationOutcome<T>>({ term, limits }, (use) => attemptMutation({ ...mutation, ...use }));
  }

  /** As a whole: with those that wait for the same, or alone. */
  async #sendOnce<T>(mutation: AtOnce<C, T>, term: Term, limits: Limits): Promise<AtOnceOutcome<T>> {
    const { send, together } = mutation;
    if (together === undefined)
      return await this.#onWriter<AtOnceOutcome<T>>({ term, limits }, (use) => attemptAtOnce({ ...use, send }));
    try {
      const part = { together, term, limits, octets: together.octets };
      return (await this.#together.join(together.key, part, limits.left)) as AtOnceOutcome<T>;
    } catch (cause) {
      return { kind: 'notDone', cause };
    }
  }

  /** One transaction of several. Who belongs to another term does it alone, and finds out. */
  async #sendTogether(parts: readonly Part<C>[]): Promise<readonly AtOnceOutcome<unknown>[]> {
    const [first] = parts;
    if (first === undefined) return [];
    const { term, together } = first;
    const same = parts.filter((part) => part.term === term);
    const send = (connection: C, epoch: Epoch): Promise<readonly unknown[]> =>
      together.sendAll(
        connection,
        epoch,
        same.map((part) => part.together.part),
      );
    if (term.over.aborted)
      return parts.map(() => ({ kind: 'notDone', cause: new TermOver('the term of the writer is over') }));
    // Whoever leaves leaves the others alone; who has little time left takes none from them.
    const deadline = Math.max(...same.map((part) => part.limits.deadline));
    const limits = { ...first.limits, deadline, left: undefined };
    const outcome = await this.#onWriter<AtOnceOutcome<readonly unknown[]>>({ term, limits }, (use) =>
      attemptAtOnce({ ...use, send }),
    );
    return parts.map((part) => {
      if (part.term !== term) return { kind: 'refused' };
      return outcome.kind === 'done' ? { ...outcome, value: outcome.value[same.indexOf(part)] } : outcome;
    });
  }

  async #onWriter<O extends MutationOutcome<unknown> | AtOnceOutcome<unknown>>(
    on: { readonly term: Term; readonly limits: Limits },
    attempt: (use: typeof on & Pick<MutationRun<C, unknown>, 'driver' | 'connection' | 'mayWrite'>) => Promise<O>,
  ): Promise<O | { readonly kind: 'notDone'; readonly cause: unknown }> {
    const lender = { pools: this.#pools, member: writerOf(on.term), role: 'write' as const };
    try {
      const loan = await borrow(lender, on.limits);
      const mayWrite = (): boolean => this.#lease.allows(this.#options.clock.now());
      const outcome = await attempt({ ...on, driver: this.#driver, connection: loan.connection, mayWrite });
      if (outcome.kind === 'done') this.#writer.heard(on.term);
      // Where the server has rolled back nothing of `work` is under way: the connection is as good as new.
      const clean = outcome.kind === 'done' || outcome.kind === 'refused' || this.#driver.isRepeated(outcome.cause);
      if (clean) loan.giveBack();
      else loan.discard();
      return outcome;
    } catch (cause) {
      return { kind: 'notDone', cause };
    }
  }

  async #readPrimary<T>(
    role: 'read' | 'content',
    work: (connection: C) => Promise<T>,
    attempt: Attempt & { readonly look?: (signal: AbortSignal) => Promise<T | null> },
  ): Promise<WaitEnd<T, T>> {
    const deadline = this.#deadline();
    const { look } = attempt;
    const wait = (signal: AbortSignal): Promise<Term> =>
      this.#enter('read', { ...attempt, signal }, { deadline, inDoubt: false, waits: look !== undefined });
    for (;;) {
      const isOpen = look === undefined || this.#writer.gate.admitted('read') !== null;
      const entered = isOpen
        ? ({ by: 'waiting', value: await wait(attempt.signal) } as const)
        : await lookWhileWaiting({ signal: attempt.signal, wait, look });
      if (entered.by === 'looking') return entered;
      const { value: term } = entered;
      const limits = this.#limits(attempt, term, deadline);
      const outcome = await this.#readOnce({ term, role, limits }, work);
      if (outcome.kind === 'done') return { by: 'waiting', value: outcome.value };
      this.#options.observer.retried(this.partition, 'read');
      await this.#recover({ term, cause: outcome.cause, limits, unknown: false });
    }
  }

  async #readOnce<T>(
    where: { readonly term: Term; readonly role: Role; readonly limits: Limits },
    work: (connection: C) => Promise<T>,
  ): Promise<{ readonly kind: 'done'; readonly value: T } | { readonly kind: 'failed'; readonly cause: unknown }> {
    const lender = { pools: this.#pools, member: writerOf(where.term), role: where.role };
    try {
      const value = await withLoan(lender, where.limits, work);
      this.#writer.heard(where.term);
      return { kind: 'done', value };
    } catch (cause) {
      return { kind: 'failed', cause };
    }
  }

  /** Returns where the same may be tried again; the gate does the waiting. Otherwise throws what the caller gets. */
  async #recover(failed: {
    readonly term: Term;
    readonly cause: unknown;
    readonly limits: Limits;
    readonly unknown: boolean;
  }): Promise<void> {
    const { cause, limits } = failed;
    limits.left?.throwIfAborted();
    if (cause instanceof TermOver || this.#driver.isRepeated(cause)) return;
    if (cause instanceof NoAnswerInTime && cause.waitedMs >= TELLING_SILENCE_MS) this.#suspect(failed.term, cause);
    if (cause instanceof RepositoryUnavailable) throw cause;
    const failure = this.#driver.classify(cause);
    if (failure.kind === 'full') this.#space.refused(failed.term, cause);
    if (failure.kind === 'member' || failed.unknown) {
      this.#suspect(failed.term, cause);
      return;
    }
    if (failure.kind === 'statement') throw cause;
    if (failure.kind === 'full') throw new RepositoryFull(NO_SPACE, { cause, nothingStored: true });
    if (limits.clock.now() >= limits.deadline) throw new RepositoryUnavailable('the repository is busy', { cause });
    await pause(failure.kind === 'busy' ? BUSY_PAUSE_MS : RACE_PAUSE_MS, limits.left);
  }

  #suspect(term: Term, cause: unknown): void {
    if (cause instanceof TermOver) return;
    const failure = this.#driver.classify(cause);
    this.#writer.suspect(term, failure.kind === 'member' ? failure.evidence : 'timeout', cause);
  }

  #takeUp(target: Target): void {
    this.#lease.retarget(target);
    this.#readers.retarget(target, this.#pools);
    const endpoint = target.writer === null ? undefined : target.members[target.writer];
    if (target.writer === null || endpoint === undefined) {
      this.#writer.end();
      return;
    }
    const term = { epoch: epoch(target.epoch), writer: target.writer, endpoint, over: this.#termEnd.signal };
    this.#writer.begin(term, this.#pools);
  }

  #sameTerm(a: Target, b: Target): boolean {
    if (a.writer !== b.writer || a.durability !== b.durability) return false;
    const [from, to] = [a, b].map((target) => (target.writer === null ? undefined : target.members[target.writer]));
    return from?.host === to?.host && from?.port === to?.port;
  }

  #openPools(target: Target): MemberPools<C> {
    const { sizes, credentials, pod, clock, log } = this.#options;
    const applicationName = `imapd ${pod}`;
    const { database, tls } = target;
    return new MemberPools({ driver: this.#driver, database, applicationName, sizes, credentials, clock, log }, tls);
  }

  #closeInBackground(pools: MemberPools<C>): void {
    const closing = pools.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #deadline(): number {
    return this.#options.clock.now() + this.#options.writeHoldMs;
  }

  #limits(attempt: Attempt, term: Term, deadline = this.#deadline()): Limits {
    return { clock: this.#options.clock, deadline, over: term.over, left: attempt.signal };
  }
}

const writerOf = (term: Term) => ({ name: term.writer, endpoint: term.endpoint });
