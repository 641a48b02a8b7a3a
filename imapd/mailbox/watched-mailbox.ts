import { DeadlineError, within } from '#runtime/deadline.ts';
import { settled } from '#runtime/settled.ts';
import { type Attempt, RepositoryUnavailable } from '../routing/repository-access.ts';
import type { MailboxChanges, Newest, Store } from '../store/store.ts';
import type { MailboxId, ModSeq } from '../store/types.ts';
import { type LoadedView, MailboxView } from './mailbox-view.ts';
import { PATIENCE_MS, withoutHold } from './without-hold.ts';

const EVERYTHING = 0 as ModSeq;
/** Longest time that a delta, or a big mailbox after a promotion, may take on a busy primary. */
const LOAD_MS = 30_000;

/** Refreshes in vain, although there is a writer, before it counts as unavailable: together as long as `LOAD_MS`. */
const TRIES = LOAD_MS / PATIENCE_MS;

/** `unavailable`: there is no writer now; what is known stays, and the next poll tries again. */
export type RefreshOutcome = 'fresh' | 'unavailable';

/**
 * A view and the store that feeds it. Refreshing is shared: whoever asks while a delta is on its way waits for the one
 * after it, because the first may have been taken before the change that it asks for.
 */
export class WatchedMailbox {
  readonly view: MailboxView;
  readonly store: Store;
  #running: Promise<RefreshOutcome> | null = null;
  #next: Promise<RefreshOutcome> | null = null;

  constructor(store: Store, loaded: LoadedView, reader: string | null = null) {
    this.store = store;
    this.view = new MailboxView(loaded, { reader });
  }

  get mailbox(): MailboxId {
    return this.view.state.id;
  }

  /** See `MailboxView`. */
  get reader(): string | null {
    return this.view.reader;
  }

  /** Does the view have what the database has? Of a mailbox that is deleted that is nothing; RENAME changes no mod-sequence. */
  isAt(newest: Newest | undefined): boolean {
    return newest?.highestModSeq === this.view.modSeq && newest.name === this.view.state.name;
  }

  /**
   * Brings the view up to what the primary has at this moment. Never waits for a writer, nor long for anything; what
   * takes longer goes on, for those who ask later.
   */
  async refresh(): Promise<RefreshOutcome> {
    try {
      return await within(PATIENCE_MS, 'refreshing a view', this.#shared());
    } catch (error) {
      if (error instanceof DeadlineError) return 'unavailable';
      throw error;
    }
  }

  /**
   * Like `refresh`, but waits for a writer, for what must not be decided by what was known before.
   * @throws RepositoryUnavailable where the wait ended in vain
   */
  async catchUp(attempt: Attempt): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      if ((await this.refresh()) === 'fresh') return;
      // Any statement waits at the gate until there is a writer again.
      await this.store.newestOf([this.mailbox], attempt);
    }
    throw new RepositoryUnavailable('the primary is too busy to tell what is new in the mailbox');
  }

  #shared(): Promise<RefreshOutcome> {
    if (this.#running === null) return this.#run();
    this.#next ??= this.#afterRunning(this.#running);
    return this.#next;
  }

  async #afterRunning(running: Promise<RefreshOutcome>): Promise<RefreshOutcome> {
    await settled(running);
    this.#next = null;
    return this.#running ?? this.#run();
  }

  #run(): Promise<RefreshOutcome> {
    const running = withoutHold<RefreshOutcome>((attempt) => this.#load(attempt), LOAD_MS).finally(() => {
      this.#running = null;
    });
    this.#running = running;
    return running;
  }

  async #load(attempt: Attempt): Promise<'fresh'> {
    const { view } = this;
    if (view.deleted) return 'fresh';
    let changes = await this.#changesSince(view.modSeq, attempt);
    if (changes !== null && view.isForkedFrom(changes.state)) {
      changes = await this.#changesSince(EVERYTHING, attempt);
    }
    if (changes === null) view.markDeleted();
    else view.apply(changes);
    return 'fresh';
  }

  #changesSince(since: ModSeq, attempt: Attempt): Promise<MailboxChanges | null> {
    const { mailbox, reader, store } = this;
    if (reader === null) return store.loadChanges(mailbox, since, attempt);
    return store.loadChangesBy({ mailbox, reader, since }, attempt);
  }
}
