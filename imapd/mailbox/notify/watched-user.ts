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

export type WatchedOwner = { readonly store: Store; readonly owner: string };

/** Whose a mailbox is of which a hint comes. */
export type WatchIndex = Map<MailboxId, WatchedUser>;

/** One user whose mailboxes are watched by sessions of this process that have not selected them. */
export class WatchedUser {
  readonly store: Store;
  readonly owner: string;
  readonly #listeners = new Set<WatchListener>();
  #world: WatchedWorld = NO_WORLD;
  #digest: WatchDigest = { mailboxes: new Map(), subscriptions: '', annotations: '' };
  #looking: Promise<unknown> = Promise.resolve();
  readonly #index: WatchIndex;

  constructor({ store, owner }: WatchedOwner, index: WatchIndex) {
    this.store = store;
    this.owner = owner;
    this.#index = index;
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

  add(listener: WatchListener): void {
    this.#listeners.add(listener);
  }

  remove(listener: WatchListener): void {
    this.#listeners.delete(listener);
    if (!this.watched) this.#enter(NO_WORLD);
  }

  /** Brings the world to what a digest says, and tells the difference. */
  async follow(digest: WatchDigest, attempt: Attempt): Promise<void> {
    await this.#inTurn(() => this.#follow(digest, attempt));
  }

  /**
   * Looks at these of its mailboxes alone, and tells the difference. `names`: one of them has another name or is gone, which is
   * not told: what else has happened to names belongs to it.
   */
  async look(mailboxes: readonly MailboxId[], attempt: Attempt): Promise<'told' | 'names'> {
    return await this.#inTurn(() => this.#look(mailboxes, attempt));
  }

  /** One at a time: the one behind sees what this one did. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const working = settled(this.#looking).then(work);
    this.#looking = working;
    return await working;
  }

  async #look(named: readonly MailboxId[], attempt: Attempt): Promise<'told' | 'names'> {
    const before = this.#world;
    const mailboxes = named.filter((mailbox) => before.mailboxes.has(mailbox));
    const read = await this.store.watchedMailboxesById({ owner: this.owner, mailboxes }, attempt);
    if (read.length < mailboxes.length) return 'names';
    if (read.some(({ id, name }) => before.mailboxes.get(id)?.name !== name)) return 'names';
    const sums = new Map(this.#digest.mailboxes);
    for (const { id, hash } of read) {
      const bucket = watchBucketOf(id);
      const rest = BigInt(sums.get(bucket) ?? 0) - BigInt(before.mailboxes.get(id)?.hash ?? 0);
      sums.set(bucket, `${rest + BigInt(hash)}`);
    }
    this.#digest = { ...this.#digest, mailboxes: sums };
    const states = read.map((mailbox) => [mailbox.id, mailbox] as const);
    this.#tell({ ...before, mailboxes: new Map([...before.mailboxes, ...states]) });
    return 'told';
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
    this.#tell(world);
  }

  #tell(world: WatchedWorld): void {
    const before = this.#world;
    this.#enter(world);
    const changes = changesBetween(before, world);
    if (changes.length > 0) for (const listener of this.#listeners) listener.heard(changes, world);
  }

  /** Whom nobody watches any more no hint finds. */
  #enter(world: WatchedWorld): void {
    const known = this.#world.mailboxes;
    this.#world = world;
    const mailboxes = this.watched ? world.mailboxes : NO_WORLD.mailboxes;
    if (mailboxes === known) return;
    for (const id of known.keys()) if (!mailboxes.has(id) && this.#index.get(id) === this) this.#index.delete(id);
    for (const id of mailboxes.keys()) if (!known.has(id) || this.#index.get(id) !== this) this.#index.set(id, this);
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
