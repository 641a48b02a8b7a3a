import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Attempt } from '../../routing/repository-access.ts';
import type { Store } from '../../store/store.ts';
import type { MailboxId } from '../../store/types.ts';
import { withoutHold } from '../without-hold.ts';
import { WatchedUser, type WatchListener } from './watched-user.ts';

/** How late something is told that no hint tells of: names, subscriptions, annotations. */
const POLL_MS = 1000;
/** A burst of changes is looked at once. */
const DEBOUNCE_MS = 50;
/** Longest time that a look may take. */
const LOOK_MS = 10_000;

export type MailboxWatchesOptions = { readonly log: Logger; readonly signal: AbortSignal };

/** A listener's place; `close` ends it. */
export type Watch = { readonly user: Pick<WatchedUser, 'world'>; close(): void };

/**
 * The users of this process whose mailboxes somebody watches without having selected them: one for each, however many
 * sessions. Where nobody watches nothing is asked.
 */
export class MailboxWatches {
  readonly #options: MailboxWatchesOptions;
  readonly #users = new Map<Store, Map<string, WatchedUser>>();
  readonly #looking = new Set<Store>();
  readonly #due = new Set<WatchedUser>();
  #polling = false;

  constructor(options: MailboxWatchesOptions) {
    this.#options = options;
  }

  /**
   * From now on `listener` hears what changes in the mailboxes of a user. What is there when this settles is in the world; a
   * listener passes over what it hears until then.
   */
  async open(
    { store, owner }: { readonly store: Store; readonly owner: string },
    listener: WatchListener,
    attempt: Attempt,
  ): Promise<Watch> {
    const user = this.#userOf(store, owner);
    const close = (): void => this.#leave(user, listener);
    user.add(listener);
    try {
      const annotated = user.annotated ? [owner] : [];
      const digest = (await store.watchDigests({ owners: [owner], annotated }, attempt)).get(owner);
      if (digest !== undefined) await user.follow(digest, attempt);
    } catch (error) {
      close();
      throw error;
    }
    this.#startPolling();
    return { user, close };
  }

  /** A hint: whoever watches this mailbox is to hear of it soon. */
  changed(mailbox: MailboxId): void {
    for (const users of this.#users.values()) {
      for (const user of users.values()) if (user.has(mailbox)) this.#lookSoon(user);
    }
  }

  #userOf(store: Store, owner: string): WatchedUser {
    const users = this.#users.get(store) ?? new Map<string, WatchedUser>();
    const user = users.get(owner) ?? new WatchedUser(store, owner);
    users.set(owner, user);
    this.#users.set(store, users);
    return user;
  }

  #leave(user: WatchedUser, listener: WatchListener): void {
    user.remove(listener);
    if (user.watched) return;
    const users = this.#users.get(user.store);
    if (users?.get(user.owner) === user) users.delete(user.owner);
    if (users?.size === 0) this.#users.delete(user.store);
  }

  #lookSoon(user: WatchedUser): void {
    if (this.#due.size === 0) setTimeout(() => this.#lookAtDue(), DEBOUNCE_MS).unref();
    this.#due.add(user);
  }

  #lookAtDue(): void {
    const due = Map.groupBy(this.#due, ({ store }) => store);
    this.#due.clear();
    for (const [store, users] of due) void this.#look(store, users);
  }

  /** While anybody watches. */
  #startPolling(): void {
    if (this.#polling) return;
    this.#polling = true;
    void this.#poll();
  }

  async #poll(): Promise<void> {
    while (this.#users.size > 0 && (await pause(POLL_MS, this.#options.signal)) === 'elapsed') {
      for (const [store, users] of this.#users) {
        if (this.#looking.has(store)) continue;
        this.#looking.add(store);
        void this.#look(store, [...users.values()]).finally(() => this.#looking.delete(store));
      }
    }
    this.#polling = false;
  }

  /** One statement for all of a store, and few more for each user of whom something has changed. */
  async #look(store: Store, users: readonly WatchedUser[]): Promise<void> {
    const watched = users.filter((user) => user.watched);
    const owners = watched.map(({ owner }) => owner);
    const annotated = watched.filter((user) => user.annotated).map(({ owner }) => owner);
    try {
      await withoutHold(async (attempt) => {
        const digests = await store.watchDigests({ owners, annotated }, attempt);
        for (const user of watched) {
          const digest = digests.get(user.owner);
          if (digest !== undefined) await user.follow(digest, attempt);
        }
      }, LOOK_MS);
    } catch (error) {
      this.#options.log.event('Unexpected', { error: String(error) }, 'The poll of mailboxes that are watched failed.');
    }
  }
}
