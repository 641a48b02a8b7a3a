import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { keyOf } from '../../watch/key-of.ts';
import type { Leading } from '../leading.ts';
import { ClusterRuntime, type Hints } from './cluster-runtime.ts';

/** One runtime for each ImapCluster that there is. */
export class Runtimes {
  readonly #leading: Leading;
  readonly #hints: Hints;
  readonly #byKey = new Map<string, ClusterRuntime>();

  constructor(leading: Leading, hints: Hints) {
    this.#leading = leading;
    this.#hints = hints;
  }

  get(key: string): ClusterRuntime | null {
    return this.#byKey.get(key) ?? null;
  }

  all(): readonly ClusterRuntime[] {
    return [...this.#byKey.values()];
  }

  /**
   * The runtime of this very cluster with these very partitions. One that knows an earlier object of the same name is ended
   * first: what it remembers is of another.
   */
  async of(cluster: ImapCluster, partitions: readonly MailboxPartition[]): Promise<ClusterRuntime> {
    const key = keyOf(cluster.metadata);
    const known = this.#byKey.get(key);
    if (known?.knowsOnly(cluster, partitions) === true) return known;
    await this.drop(key);
    const made = new ClusterRuntime(cluster, this.#leading, this.#hints);
    made.knowsOnly(cluster, partitions);
    this.#byKey.set(key, made);
    return made;
  }

  async drop(key: string): Promise<void> {
    const known = this.#byKey.get(key);
    this.#byKey.delete(key);
    await known?.stop();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#byKey.keys()].map((key) => this.drop(key)));
  }
}
