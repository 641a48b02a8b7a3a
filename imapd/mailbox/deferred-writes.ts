import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import { type Attempt, RepositoryUnavailable } from '../routing/repository-access.ts';
import type { ByReader, Store } from '../store/store.ts';
import { type MailboxId, type ModSeq, type OperationId, systemFlags, type Uid } from '../store/types.ts';

/** Marks that wait for a writer in one process at most. */
const MAX_WAITING = 200_000;
/** Between two attempts while no writer comes; the hold of the store itself waits too. */
const RETRY_MS = 2000;

type Work = ByReader & {
  readonly mailbox: MailboxId;
  readonly operation: OperationId;
  readonly kind: 'seen' | 'recent';
  readonly uids: Set<number>;
};

export type DeferredWritesOptions = {
  readonly log: Logger;
  readonly newOperation: () => OperationId;
  /** A write was made at last. */
  readonly announce: (mailbox: MailboxId, modSeq: ModSeq) => Promise<void>;
  /** Ends the process's background work. */
  readonly signal: AbortSignal;
  /** Messages to be marked and mailboxes to be claimed that wait at most; what comes on top is dropped and logged. */
  readonly maxWaiting?: number;
};

/**
 * Writes that reading brings about, put off while there is no writer: `\Seen` of BODY[], the claim of `\Recent`. Made at
 * least once, in the background, one queue a partition; lost if the process ends first, as RFC 3501 bears.
 */
export class DeferredWrites {
  readonly #options: DeferredWritesOptions;
  readonly #queues = new Map<Store, Map<string, Work>>();
  readonly #busy = new Set<Store>();
  readonly #maxWaiting: number;
  #waiting = 0;

  constructor(options: DeferredWritesOptions) {
    this.#options = options;
    this.#maxWaiting = options.maxWaiting ?? MAX_WAITING;
  }

  /** Units of work that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  markSeen(store: Store, of: Pick<Work, 'mailbox' | 'reader'>, uids: Iterable<number>): void {
    this.#add(store, { ...of, kind: 'seen' }, uids);
  }

  claimRecent(store: Store, mailbox: MailboxId): void {
    this.#add(store, { mailbox, kind: 'recent' }, [1]);
  }

  #add(store: Store, what: Pick<Work, 'mailbox' | 'reader' | 'kind'>, uids: Iterable<number>): void {
    const queue = this.#queues.get(store) ?? new Map<string, Work>();
    this.#queues.set(store, queue);
    const key = `${what.kind} ${what.mailbox} ${what.reader ?? ''}`;
    const work = queue.get(key) ?? { ...what, operation: this.#options.newOperation(), uids: new Set<number>() };
    const before = work.uids.size;
    const room = this.#maxWaiting - this.#waiting;
    for (const uid of uids) if (work.uids.size - before < room) work.uids.add(uid);
    this.#waiting += work.uids.size - before;
    if (room > 0 && this.#waiting >= this.#maxWaiting) {
      this.#options.log.event('MarksDropped', { mailbox: what.mailbox, kind: what.kind });
    }
    if (work.uids.size > 0) queue.set(key, work);
    if (!this.#busy.has(store)) void this.#drain(store, queue);
  }

  async #drain(store: Store, queue: Map<string, Work>): Promise<void> {
    this.#busy.add(store);
    for (let next = queue.entries().next(); !next.done; next = queue.entries().next()) {
      const [key, work] = next.value;
      queue.delete(key); // what comes from now on is another operation
      await this.#carryOut(store, work);
      this.#waiting -= work.uids.size;
    }
    this.#busy.delete(store);
  }

  async #carryOut(store: Store, work: Work): Promise<void> {
    const { signal, log } = this.#options;
    while (!signal.aborted) {
      try {
        return await this.#write(store, work, { signal });
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof RepositoryUnavailable)) {
          log.event('Unexpected', { mailbox: work.mailbox, error: String(error) }, 'A deferred write failed.');
          return;
        }
        await pause(RETRY_MS, signal);
      }
    }
  }

  async #write(store: Store, work: Work, attempt: Attempt): Promise<void> {
    const { kind, mailbox, operation, reader } = work;
    if (kind === 'recent') {
      await store.claimRecent(mailbox, operation, attempt);
      return;
    }
    const change = { mode: 'add', system: systemFlags['\\Seen'], keywords: [] } as const;
    const uids = Array.from(work.uids).sort((a, b) => a - b) as Uid[];
    const by = reader === undefined ? {} : { reader };
    const outcome = await store.storeFlags({ operation, mailbox, ...by, uids, change, unchangedSince: null }, attempt);
    if (outcome.kind === 'stored') await this.#options.announce(mailbox, outcome.modSeq);
  }
}
