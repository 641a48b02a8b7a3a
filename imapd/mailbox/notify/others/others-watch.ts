import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import { settled } from '#runtime/settled.ts';
import type { SharedListing, SharedPage } from '../../../acl/shared-listings.ts';
import type { Attempt } from '../../../routing/repository-access.ts';
import type { Store } from '../../../store/store.ts';
import type { MailboxId } from '../../../store/types.ts';
import type { WatchedMailboxState } from '../../../store/watched.ts';
import { withoutHold } from '../../without-hold.ts';

/** A burst of changes is looked at once, and not more often than that, ms: of a busy mailbox every session that watches it asks. */
const DEBOUNCE_MS = 50;
const PAUSE_MS = 1_000;
/** Longest time that a look may take. */
const LOOK_MS = 10_000;

/** Mailboxes of others by the names that the session has for them. */
export type OthersWorld = ReadonlyMap<MailboxId, WatchedMailboxState>;

export interface OthersListener {
  /** Which mailboxes of others there are, at most `most` of each of these partitions, null: of all. */
  listOthers(
    request: { readonly stores: ReadonlySet<Store> | null; readonly most: number },
    attempt: Attempt,
  ): Promise<SharedPage>;
  /** Something is different from `before`. Must not throw. */
  heardOfOthers(before: OthersWorld, now: OthersWorld): void;
  /** There are more mailboxes than are watched for one session. Nothing is heard any more. */
  tooManyOthers(): void;
}

export type OthersWatchOptions = {
  readonly listener: OthersListener;
  /** Mailboxes of others that are watched for one session. */
  readonly most: number;
  readonly pollMs: number;
  readonly log: Logger;
  /** The process ends. */
  readonly signal: AbortSignal;
  /** Told which mailboxes are watched now. */
  readonly onWatched: (before: ReadonlySet<MailboxId>, now: ReadonlySet<MailboxId>) => void;
};

type Listings = ReadonlyMap<MailboxId, SharedListing>;
const NOBODY: Listings = new Map();

/**
 * Mailboxes of others, as one session sees them that has not selected them. Every look asks what the session may see and how that
 * stands by one statement for each partition: nothing is told by rights that were there before. One look each poll, and soon after a
 * hint, of that partition alone.
 */
export class OthersWatch {
  readonly #options: OthersWatchOptions;
  readonly #closed = new AbortController();
  #listings = NOBODY;
  #world: OthersWorld = new Map();
  #looking: Promise<unknown> = Promise.resolve();
  readonly #due = new Set<Store>();
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: OthersWatchOptions) {
    this.#options = options;
  }

  get world(): OthersWorld {
    return this.#world;
  }

  /** Of mailboxes that the session may list, and not read. */
  get noAccess(): ReadonlySet<string> {
    const all = this.#listings.values().filter(({ rights }) => !rights.has('r'));
    return new Set(all.map(({ name }) => name));
  }

  /** What is there is not heard. @throws RepositoryUnavailable where the home partition cannot be asked */
  async open(attempt: Attempt): Promise<'opened' | 'tooMany'> {
    const { signal } = this.#options;
    const listings = await this.#list(null, attempt);
    if (listings === 'tooMany') return 'tooMany';
    this.#enter(listings);
    signal.addEventListener('abort', () => this.close(), { signal: this.#closed.signal });
    void this.#poll();
    return 'opened';
  }

  close(): void {
    this.#closed.abort();
    this.#enter(NOBODY);
  }

  /** A hint: a mailbox has changed that is watched here. */
  changed(mailbox: MailboxId): void {
    const store = this.#listings.get(mailbox)?.store;
    if (store === undefined) return;
    if (this.#due.size === 0) {
      const wait = Math.max(DEBOUNCE_MS, this.#lookedAt + PAUSE_MS - performance.now());
      setTimeout(() => void this.#lookAtDue(), wait).unref();
    }
    this.#due.add(store);
  }

  async #lookAtDue(): Promise<void> {
    const due = new Set(this.#due);
    this.#due.clear();
    await this.#look(due);
  }

  async #poll(): Promise<void> {
    while ((await pause(this.#options.pollMs, this.#closed.signal)) === 'elapsed') await this.#look(null);
  }

  /** One at a time: the one behind sees what this one did. What was not found out now is found out by the next poll. */
  async #look(stores: ReadonlySet<Store> | null): Promise<void> {
    const looking = settled(this.#looking).then(async () => {
      if (this.#closed.signal.aborted) return;
      this.#lookedAt = performance.now();
      const found = await withoutHold((attempt) => this.#list(stores, attempt), LOOK_MS);
      if (found !== 'unavailable' && !this.#closed.signal.aborted) this.#tell(found);
    });
    this.#looking = looking;
    try {
      await looking;
    } catch (error) {
      this.#options.log.event('Unexpected', { err: error }, 'The look at mailboxes of others that are watched failed.');
    }
  }

  async #list(stores: ReadonlySet<Store> | null, attempt: Attempt): Promise<Listings | 'tooMany'> {
    const { listener, most } = this.#options;
    const page = await listener.listOthers({ stores, most }, attempt);
    const kept = this.#listings.values().filter((listing) => page.isUnknown(listing));
    const all = [...kept, ...page.found].flatMap((each) =>
      each.state === null ? [] : [[each.state.id, each] as const],
    );
    // What is left out might be what is asked for.
    return page.more || all.length > most ? 'tooMany' : new Map(all);
  }

  #tell(listings: Listings | 'tooMany'): void {
    const { listener } = this.#options;
    if (listings === 'tooMany') {
      this.close();
      listener.tooManyOthers();
      return;
    }
    const before = this.#world;
    this.#enter(listings);
    listener.heardOfOthers(before, this.#world);
  }

  #enter(listings: Listings): void {
    const before = new Set(this.#listings.keys());
    this.#listings = listings;
    this.#world = new Map(listings.values().flatMap(watchedState));
    this.#options.onWatched(before, new Set(listings.keys()));
  }
}

/** RFC 5465, 5: `l`, without which it is not in a listing, and `r`. */
function watchedState({ state, name, rights }: SharedListing): readonly (readonly [MailboxId, WatchedMailboxState])[] {
  if (state === null || !rights.has('r')) return [];
  const { id, owner, uidValidity, uidNext, highestModSeq, messages, unseen } = state;
  const numbers = { uidValidity, uidNext, highestModSeq, messages, unseen };
  return [[id, { id, owner, name, ...numbers, specialUse: [], hash: '' }]];
}
