import type { SharedNamespaces } from '../acl/shared-namespaces.ts';
import type { Store } from '../store/store.ts';
import type { OpenRepository } from './open-repository.ts';
import { Repositories, type RepositoriesOptions } from './repositories.ts';

/** Where a user's mail is. */
export type UserPlace =
  | ({ readonly kind: 'store'; readonly partition: string } & Served)
  /** No placement rule matches: nobody by this name can exist. */
  | { readonly kind: 'nowhere' }
  /** No routing document yet, or the partition is not served: cannot be told. */
  | { readonly kind: 'unavailable' };

/** `unserved` fires once the partition is served no more. One that comes back by the same name may be another. */
export type Served = { readonly store: Store; readonly unserved: AbortSignal };

export type UserStoresOptions = RepositoriesOptions & {
  /** What sessions see of the store of a repository. */
  readonly storeOf: (repository: OpenRepository) => Store;
};

/** One store for each partition of the routing document; the same object as long as the partition is there. */
export class UserStores {
  readonly repositories: Repositories;
  /** Shared namespaces, as the routing document in force has them at the moment. */
  readonly namespaces: SharedNamespaces = this.#namespaces();
  readonly #stores = new Map<string, Store>();
  readonly #ends = new Map<string, AbortController>();

  constructor(options: UserStoresOptions) {
    this.repositories = new Repositories(options, {
      opened: (repository) => {
        this.#stores.set(repository.partition, options.storeOf(repository));
        this.#ends.set(repository.partition, new AbortController());
      },
      closed: (partition) => {
        this.#stores.delete(partition);
        this.#ends.get(partition)?.abort();
        this.#ends.delete(partition);
      },
    });
  }

  /** `user` in canonical spelling. */
  ofUser(user: string): UserPlace {
    if (!this.repositories.ready) return { kind: 'unavailable' };
    const partition = this.repositories.partitionOf(user);
    if (partition === null) return { kind: 'nowhere' };
    const [store, end] = [this.#stores.get(partition), this.#ends.get(partition)];
    if (store === undefined || end === undefined) return { kind: 'unavailable' };
    return { kind: 'store', partition, store, unserved: end.signal };
  }

  #namespaces(): SharedNamespaces {
    const now = (): Readonly<Record<string, string>> => this.repositories.namespaces;
    return {
      get names() {
        return Object.keys(now()).sort();
      },
      of: (level) => {
        const partition = Object.hasOwn(now(), level) ? now()[level] : undefined;
        return partition === undefined ? null : (this.#stores.get(partition) ?? 'unavailable');
      },
    };
  }

  get all(): ReadonlyMap<string, Store> {
    return this.#stores;
  }

  async close(): Promise<void> {
    await this.repositories.close();
  }
}
