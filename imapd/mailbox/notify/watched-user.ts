import { settled } from '#runtime/settled.ts';
import type { Attempt } from '../../routing/repository-access.ts';
import type { Store } from '../../store/store.ts';
import type { MailboxId } from '../../store/types.ts';
import { type WatchDigest, watchBucketOf } from '../../store/watched.ts';
import { annotationKey, changesBetween, NO_WORLD, type WatchedChange, type WatchedWorld } from './watched-changes.ts';

export interface WatchListener {
  /** Annotations are to be looked at for it. */
  readonly annotations: boolean;
  /** `world`: as it is now. Called in the order of what happened; must not throw. */
  heard(changes: readonly WatchedChange[], world: WatchedWorld): void;
}

/** One user whose mailboxes are watched by sessions of this process that have not selected them. */
export class WatchedUser {
  readonly store: Store;
  readonly owner: string;
  readonly #listeners = new Set<WatchListener>();
  #world: WatchedWorld = NO_WORLD;
  #digest: WatchDigest = { mailboxes: new Map(), subscriptions: '', annotations: '' };
  #looking: Promise<unknown> = Promise.resolve();

  constructor(store: Store, owner: string) {
    this.store = store;
    this.owner = owner;
  }

  get world(): WatchedWorld {
    return this.#world;
  }

  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  get annotated(): boolean {
    return this.#listeners.values().some(({ annotations }) => annotations);
  }

  has(mailbox: MailboxId): boolean {
    return this.#world.mailboxes.has(mailbox);
  }

  add(listener: WatchListener): void {
    this.#listeners.add(listener);
  }

  remove(listener: WatchListener): void {
    this.#listeners.delete(listener);
  }

  /** Brings the world to what a digest says, and tells the difference. One at a time: the one behind sees what this one did. */
  async follow(digest: WatchDigest, attempt: Attempt): Promise<void> {
    const following = settled(this.#looking).then(() => this.#follow(digest, attempt));
    this.#looking = following;
    await following;
  }

  /**
   * What is read is at least as new as the digest, so that a digest which is noted afterwards is at worst too old: then the next
   * one differs, and nothing is found to be different.
   */
  async #follow(digest: WatchDigest, attempt: Attempt): Promise<void> {
    const known = this.#digest;
    const buckets = [...new Set([...known.mailboxes.keys(), ...digest.mailboxes.keys()])].filter(
      (bucket) => known.mailboxes.get(bucket) !== digest.mailboxes.get(bucket),
    );
    const { annotated } = this;
    const before = this.#world;
    const world = {
      mailboxes: buckets.length === 0 ? before.mailboxes : await this.#readMailboxes(buckets, attempt),
      subscribed:
        known.subscriptions === digest.subscriptions
          ? before.subscribed
          : new Set(await this.store.watchedSubscriptions(this.owner, attempt)),
      annotations:
        !annotated || known.annotations === digest.annotations
          ? before.annotations
          : await this.#readAnnotations(attempt),
    };
    this.#digest = annotated ? digest : { ...digest, annotations: known.annotations };
    this.#world = world;
    const changes = changesBetween(before, world);
    if (changes.length > 0) for (const listener of this.#listeners) listener.heard(changes, world);
  }

  async #readMailboxes(buckets: readonly number[], attempt: Attempt): Promise<WatchedWorld['mailboxes']> {
    const read = await this.store.watchedMailboxes({ owner: this.owner, buckets }, attempt);
    const wanted = new Set(buckets);
    const kept = Array.from(this.#world.mailboxes).filter(([id]) => !wanted.has(watchBucketOf(id)));
    return new Map([...kept, ...read.map((mailbox) => [mailbox.id, mailbox] as const)]);
  }

  async #readAnnotations(attempt: Attempt): Promise<WatchedWorld['annotations']> {
    const read = await this.store.watchedAnnotations(this.owner, attempt);
    return new Map(read.map((annotation) => [annotationKey(annotation), annotation]));
  }
}
