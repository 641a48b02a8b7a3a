import type { Logger } from '#runtime/logger.ts';
import type { Clock } from '../../../ports.ts';
import type { ApiClient } from '../../api/api-client.ts';
import type { ApiObject, Resource } from '../../api/resource.ts';
import { Informer } from '../../watch/informer.ts';
import { keyOf } from '../../watch/key-of.ts';
import type { Change } from '../../watch/object-cache.ts';
import { GroupIndex } from './group-index.ts';
import { OwnWrites } from './own-writes.ts';

export type KindCacheOptions<T extends ApiObject> = {
  readonly client: ApiClient;
  readonly resource: Resource<T>;
  /** Each is watched by itself; one entry of undefined: all namespaces. */
  readonly namespaces: readonly (string | undefined)[];
  readonly labelSelector?: string | undefined;
  readonly manager?: string | undefined;
  /** What is kept of each object, in place of it. */
  readonly complete?: ((object: T) => T) | undefined;
  /** What an object is found by with `of`; null: it is not. */
  readonly index?: ((object: T) => string | null) | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
};

/** The objects of one kind in all namespaces that are watched, found by key or by what they belong to. */
export class KindCache<T extends ApiObject> {
  readonly kind: string;
  /** Resolves when everything that there was at the start is known. */
  readonly synced: Promise<unknown>;
  readonly #places: readonly (string | undefined)[];
  readonly #informers: readonly Informer<T>[];
  readonly #index: (object: T) => string | null;
  readonly #groups = new GroupIndex<T>();
  readonly #own = new OwnWrites<T>();
  readonly #complete: (object: T) => T;
  #isSynced = false;

  constructor({ namespaces, index = () => null, ...options }: KindCacheOptions<T>) {
    this.#index = index;
    this.#complete = options.complete ?? ((object) => object);
    this.#places = namespaces;
    this.#informers = namespaces.map((namespace) => new Informer<T>({ ...options, namespace }));
    this.kind = options.resource.kind;
    this.synced = Promise.all(this.#informers.map((informer) => informer.synced)).then(() => {
      this.#isSynced = true;
    });
    // First of all listeners: whoever hears of a change finds it here already.
    this.onChange((change) => this.#note(change));
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  get(key: string): T | undefined {
    const heard = this.#heard(key);
    // Pods are looked for with each report of a member, thousands of times a second, and mostly none was written.
    return this.#own.has(key) ? this.#own.newest(key, heard, this.#reached(key)) : heard;
  }

  list(): readonly T[] {
    return this.#informers.flatMap((informer) => informer.list());
  }

  /** Those whose index is `group`. */
  of(group: string): readonly T[] {
    return this.#groups.of(group);
  }

  /** What the server answered to a write of ours: it counts from now on, unless the watch is past it. */
  written(object: T): void {
    this.#own.written(this.#complete(object));
  }

  onChange(listener: (change: Change<T>) => void): () => void {
    const ends = this.#informers.map((informer) => informer.onChange(listener));
    return () => {
      for (const end of ends) end();
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#informers.map((informer) => informer.run(signal)));
  }

  #heard(key: string): T | undefined {
    for (const informer of this.#informers) {
      const found = informer.get(key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** How far the watch is that would tell of it. */
  #reached(key: string): string | null {
    const [namespace] = key.split('/');
    const place = this.#places.findIndex((watched) => watched === undefined || watched === namespace);
    return this.#informers[place]?.reached ?? null;
  }

  #note({ before, after }: Change<T>): void {
    const object = after ?? before;
    if (object === null) return;
    const key = keyOf(object.metadata);
    // What the watch is past of is forgotten, for nobody may ask for it again.
    if (this.#own.has(key)) this.#own.newest(key, after ?? undefined, this.#reached(key));
    this.#groups.put(key, object, after === null ? null : this.#index(after));
  }
}
