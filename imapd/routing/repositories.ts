import { partitionName } from '#contract/names.ts';
import { partitionOfUser } from '#contract/placement.ts';
import type { RepositoryView } from '#contract/push-api.ts';
import type { Target } from '#contract/routing-document.ts';
import type { Logger } from '#runtime/logger.ts';
import { engines } from './engines.ts';
import type { OpenOptions, OpenRepository } from './open-repository.ts';
import type { RoutingTable } from './routing-table.ts';

export type RepositoriesOptions = Omit<OpenOptions, 'partition' | 'credentials'> & {
  readonly table: RoutingTable;
  readonly credentials: (partition: string) => OpenOptions['credentials'];
  readonly log: Logger;
};

/** Hears of repositories that come and go with the routing document. */
export type RepositoryListener = {
  opened(repository: OpenRepository): unknown;
  closed(partition: string): unknown;
};

/** The repositories that the routing document in force names, each obeying its target. */
export class Repositories {
  readonly #options: RepositoriesOptions;
  readonly #open = new Map<string, OpenRepository>();
  readonly #listener: RepositoryListener;
  readonly #closing = new Set<Promise<void>>();
  readonly #forget: () => void;

  constructor(options: RepositoriesOptions, listener: RepositoryListener) {
    this.#options = options;
    this.#listener = listener;
    this.#forget = options.table.onTarget((partition, target) => this.#obey(partition, target));
  }

  [Symbol.iterator](): IterableIterator<OpenRepository> {
    return this.#open.values();
  }

  get(partition: string): OpenRepository | null {
    return this.#open.get(partition) ?? null;
  }

  /** Whether a routing document is in force. */
  get ready(): boolean {
    return this.#options.table.document !== null;
  }

  /** Name of the partition that holds a user's mailboxes; null where no rule matches or no document is in force. */
  partitionOf(user: string): string | null {
    const { placement } = this.#options.table;
    return placement === null ? null : partitionOfUser(placement, user);
  }

  /** Names of shared namespaces, and the partition that holds each. */
  get namespaces(): Readonly<Record<string, string>> {
    return this.#options.table.placement?.namespaces ?? {};
  }

  get views(): Record<string, RepositoryView> {
    return Object.fromEntries([...this.#open].map(([name, repository]) => [name, repository.view]));
  }

  async close(): Promise<void> {
    this.#forget();
    for (const name of [...this.#open.keys()]) this.#close(name);
    await Promise.all(this.#closing);
  }

  #obey(partition: string, target: Target | null): void {
    const repository = this.#open.get(partition);
    if (target !== null && repository?.engine === target.engine) {
      repository.retarget(target);
      return;
    }
    // With another engine it is another repository, whatever its name.
    this.#close(partition);
    if (target === null) return;
    const open = engines[target.engine];
    if (open === undefined) {
      const reason = `partition ${partition} runs on ${target.engine}, which this version does not serve`;
      this.#options.log.event('RoutingRefused', { reason });
      return;
    }
    const name = partitionName(partition);
    const credentials = this.#options.credentials(partition);
    const opened = open({ ...this.#options, partition: name, credentials }, target);
    this.#open.set(partition, opened);
    this.#listener.opened(opened);
  }

  #close(partition: string): void {
    const repository = this.#open.get(partition);
    if (repository === undefined) return;
    this.#open.delete(partition);
    this.#listener.closed(partition);
    const closing = repository.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
