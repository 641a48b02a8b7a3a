import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Attempt } from '../../routing/repository-access.ts';
import type { Store } from '../../store/store.ts';
import type { MailboxId } from '../../store/types.ts';
import type { WatchDigest } from '../../store/watched.ts';
import { withoutHold } from '../without-hold.ts';
import { type WatchedOwner, WatchedUser, type WatchIndex, type WatchListener } from './watched-user.ts';

/** A burst of changes is looked at once. */
const DEBOUNCE_MS = 50;
/** Longest time that a look may take, of digests or at the mailboxes of one user. */
const LOOK_MS = 10_000;
/** Users whose digests are asked for by one statement. */
const POLLED_USERS = 100;

export type MailboxWatchesOptions = {
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** How late something is told that no hint tells of: names that are made, subscriptions, annotations. */
  readonly notifyPollMs: number;
};

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
  readonly #index: WatchIndex = new Map();
  readonly #due = new Map<WatchedUser, Set<MailboxId>>();
  #polling = false;

  constructor(options: MailboxWatchesOptions) {
    this.#options = options;
  }

  /**
   * From now on `listener` hears what changes in the mailboxes of a user. What is there when this settles is in the world; a
   * listener passes over what it hears until then.
   */
  async open({ store, owner }: WatchedOwner, listener: WatchListener, attempt: Attempt): Promise<Watch> {
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
    const user = this.#index.get(mailbox);
    if (user === undefined) return;
    if (this.#due.size === 0) setTimeout(() => this.#lookAtDue(), DEBOUNCE_MS).unref();
    this.#due.getOrInsertComputed(user, () => new Set()).add(mailbox);
  }

  #userOf(store: Store, owner: string): WatchedUser {
    const users = this.#users.get(store) ?? new Map<string, WatchedUser>();
    const user = users.get(owner) ?? new WatchedUser({ store, owner }, this.#index);
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

  #lookAtDue(): void {
    const due = [...this.#due];
    this.#due.clear();
    for (const [user, mailboxes] of due) void this.#lookAt(user, [...mailboxes]);
  }

  /** One statement by the index of mailboxes; digests only where a name has changed. */
  async #lookAt(user: WatchedUser, mailboxes: readonly MailboxId[]): Promise<void> {
    await this.#noting(async () => {
      const told = await withoutHold((attempt) => user.look(mailboxes, attempt), LOOK_MS);
      if (told === 'names') await this.#look(user.store, [user]);
    });
  }

  /** While anybody watches. */
  #startPolling(): void {
    if (this.#polling) return;
    this.#polling = true;
    void this.#poll();
  }

  async #poll(): Promise<void> {
    while (this.#users.size > 0 && (await pause(this.#options.notifyPollMs, this.#options.signal)) === 'elapsed') {
      for (const [store, users] of this.#users) {
        if (this.#looking.has(store)) continue;
        this.#looking.add(store);
        void this.#lookAtAll(store, [...users.values()]).finally(() => this.#looking.delete(store));
      }
    }
    this.#polling = false;
  }

  async #lookAtAll(store: Store, users: readonly WatchedUser[]): Promise<void> {
    for (let at = 0; at < users.length; at += POLLED_USERS) await this.#look(store, users.slice(at, at + POLLED_USERS));
  }

  /** One statement for all these of a store, and few more for each of whom something has changed. */
  async #look(store: Store, users: readonly WatchedUser[]): Promise<void> {
    const watched = users.filter((user) => user.watched);
    const owners = watched.map(({ owner }) => owner);
    const annotated = watched.filter((user) => user.annotated).map(({ owner }) => owner);
    await this.#noting(async () => {
      const digests = await withoutHold((attempt) => store.watchDigests({ owners, annotated }, attempt), LOOK_MS);
      if (digests === 'unavailable') return;
      for (const user of watched) await this.#follow(user, digests.get(user.owner));
    });
  }

  /** By itself: what fails for one user, or takes too long, is no loss of another's. */
  async #follow(user: WatchedUser, digest: WatchDigest | undefined): Promise<void> {
    if (digest === undefined) return;
    await this.#noting(() => withoutHold((attempt) => user.follow(digest, attempt), LOOK_MS));
  }

  /** What was not found out now is found out by the next poll. */
  async #noting(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.log.event('Unexpected', { error: String(error) }, 'The poll of mailboxes that are watched failed.');
    }
  }
}
