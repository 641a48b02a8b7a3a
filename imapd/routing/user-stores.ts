import type { ClientBase } from 'pg';
import type { Store } from '../store/store.ts';
import type { PostgresRepository } from './postgres/postgres-repository.ts';
import { Repositories, type RepositoriesOptions } from './repositories.ts';
import type { RepositoryAccess } from './repository-access.ts';

/** Where a user's mail is. */
export type UserPlace =
  | { readonly kind: 'store'; readonly partition: string; readonly store: Store }
  /** No placement rule matches: nobody by this name can exist. */
  | { readonly kind: 'nowhere' }
  /** No routing document yet, or the partition is not served: cannot be told. */
  | { readonly kind: 'unavailable' };

export type UserStoresOptions = RepositoriesOptions & {
  readonly openStore: (access: RepositoryAccess<ClientBase>) => Store;
};

/** One store for each partition of the routing document; the same object as long as the partition is there. */
export class UserStores {
  readonly repositories: Repositories;
  readonly #stores = new Map<string, Store>();

  constructor(options: UserStoresOptions) {
    this.repositories = new Repositories(options, {
      opened: (repository: PostgresRepository) => this.#stores.set(repository.partition, options.openStore(repository)),
      closed: (partition) => this.#stores.delete(partition),
    });
  }

  /** `user` in canonical spelling. */
  ofUser(user: string): UserPlace {
    if (!this.repositories.ready) return { kind: 'unavailable' };
    const partition = this.repositories.partitionOf(user);
    if (partition === null) return { kind: 'nowhere' };
    const store = this.#stores.get(partition);
    return store === undefined ? { kind: 'unavailable' } : { kind: 'store', partition, store };
  }

  get all(): ReadonlyMap<string, Store> {
    return this.#stores;
  }

  async close(): Promise<void> {
    await this.repositories.close();
  }
}
