import type { PartitionName } from '#contract/names.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Clock } from '../clock.ts';
import type { Driver } from '../driver.ts';
import type { FallbackReason, RoutingObserver } from '../observer.ts';
import type { Attempt, ContentRead } from '../repository-access.ts';
import { withLoan } from './borrow.ts';
import type { MemberPools } from './member-pools.ts';
import type { Limits } from './patience.ts';
import type { Readers } from './readers.ts';

/** A reader that has not answered after this is left, ms; the primary is asked instead. */
const READER_PATIENCE_MS = 5_000;

export type ContentReaderOptions<C extends object> = {
  readonly driver: Driver<C>;
  readonly partition: PartitionName;
  readonly clock: Clock;
  readonly readers: Readers<C>;
  readonly observer: RoutingObserver;
  readonly log: Logger;
  readonly pools: () => MemberPools<C>;
};

type Tried<T> =
  | { readonly kind: 'found'; readonly read: ContentRead<T> }
  /** The primary has to be asked, and why. */
  | { readonly kind: 'primary'; readonly reason: FallbackReason };

type Question<C, T> = {
  readonly work: (connection: C) => Promise<ContentRead<T>>;
  readonly attempt: Attempt;
  /** Why the primary has to be asked, where nobody else is. */
  readonly reason: FallbackReason;
};

/** Reads from replicas. What they cannot answer is the primary's. */
export class ContentReader<C extends object> {
  readonly #options: ContentReaderOptions<C>;

  constructor(options: ContentReaderOptions<C>) {
    this.#options = options;
  }

  /** One reader by choice; without an open writer every one that is left, before the caller waits at the gate. */
  async tryReaders<T>(
    work: (connection: C) => Promise<ContentRead<T>>,
    attempt: Attempt & { readonly learntAt?: number; readonly writerOpen: boolean },
  ): Promise<Tried<T>> {
    const { board } = this.#options.readers;
    const choice = board.choose(attempt.learntAt);
    const names = choice.kind === 'reader' ? [choice.name] : [];
    if (!attempt.writerOpen) names.push(...board.lastResort().filter((name) => !names.includes(name)));
    const reason: FallbackReason = choice.kind === 'primary' ? choice.reason : 'miss';
    return await this.#tryEach(names, { work, attempt, reason });
  }

  /**
   * The primary's own copy does not match its hash: any reader may have a sound one. Null where none has.
   * `corrupt` says what it is.
   */
  async tryInsteadOf<T>(
    primary: { readonly member: string; readonly corrupt: string },
    work: (connection: C) => Promise<ContentRead<T>>,
    attempt: Attempt,
  ): Promise<ContentRead<T> | null> {
    this.#noteCorrupt(primary.member, primary.corrupt);
    const names = this.#options.readers.board.lastResort();
    const tried = await this.#tryEach(names, { work, attempt, reason: 'corrupt' });
    return tried.kind === 'found' ? tried.read : null;
  }

  /** The first member that has everything, in the order of `names`; else why the last one had not. */
  async #tryEach<T>(names: readonly string[], what: Question<C, T>): Promise<Tried<T>> {
    let { reason } = what;
    for (const name of names) {
      const answer = await this.#ask(name, what.work, what.attempt);
      if (answer === null) {
        reason = 'error';
      } else if (answer.value.complete) {
        const note = { source: 'replica', member: name, bytes: answer.value.bytes, fallback: null } as const;
        this.#options.observer.contentRead(this.#options.partition, note);
        return { kind: 'found', read: answer.value };
      } else {
        const { corrupt } = answer.value;
        if (corrupt !== undefined) this.#noteCorrupt(name, corrupt);
        reason = corrupt === undefined ? 'miss' : 'corrupt';
      }
    }
    return { kind: 'primary', reason };
  }

  /** Told once while the member is set aside, however much of it is corrupt. */
  #noteCorrupt(member: string, corrupt: string): void {
    const { readers, log } = this.#options;
    if (readers.board.setAside(member)) log.event('ContentCorrupt', { member, content: corrupt });
  }

  /** Any reader that answers, however old; null if none does. */
  async readLastResort<T>(
    work: (connection: C) => Promise<T>,
    attempt: Attempt,
  ): Promise<{ readonly value: T } | null> {
    for (const name of this.#options.readers.board.lastResort()) {
      const answer = await this.#ask(name, work, attempt);
      if (answer !== null) return answer;
    }
    return null;
  }

  /** Null where the reader failed, or lost a race against replay: another member may do better. */
  async #ask<T>(
    name: string,
    work: (connection: C) => Promise<T>,
    attempt: Attempt,
  ): Promise<{ readonly value: T } | null> {
    const { driver, clock, pools, readers } = this.#options;
    const member = readers.member(name);
    if (member === null) return null;
    const limits: Limits = { clock, deadline: clock.now() + READER_PATIENCE_MS, left: attempt.signal };
    try {
      return { value: await withLoan({ pools: pools(), member, role: 'content' }, limits, work) };
    } catch (error) {
      attempt.signal.throwIfAborted();
      const failure = driver.classify(error);
      if (failure.kind === 'member') readers.board.failed(name);
      return null;
    }
  }
}
