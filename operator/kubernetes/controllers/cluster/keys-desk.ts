import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { clusterNames } from '../../../cluster/cluster-names.ts';
import { ROTATE_ANNOTATION, type Settled } from '../../ports/cluster-keys.ts';
import { keyOf } from '../../watch/key-of.ts';
import type { Caches } from '../caches/caches.ts';
import type { Leading } from '../leading.ts';
import type { ClusterRuntime } from '../runtime/cluster-runtime.ts';
import { allKnow } from './all-know.ts';

/** `free`: whether a rotation could go on. */
type Seen = { readonly signs: string; readonly free: boolean; readonly dueAt: number };

export type KeysOf = {
  readonly cluster: ImapCluster;
  readonly partitions: readonly MailboxPartition[];
  readonly runtime: ClusterRuntime;
};

/** Keeps the keys of clusters, and asks the API server for them only where something may have changed. */
export class KeysDesk {
  readonly #leading: Leading;
  readonly #seen = new WeakMap<ClusterRuntime, Seen>();

  constructor(leading: Leading) {
    this.#leading = leading;
  }

  /**
   * A rotation goes no further while its cluster is paused, for then no pod is given anything, nor before all have the next key.
   * `againInMs`: until its next step; null: none is under way, or it waits for that. @throws as ClusterKeys.settle
   */
  async settle({ cluster, partitions, runtime }: KeysOf): Promise<Settled> {
    const { caches, clock } = this.#leading;
    const { secrets } = caches;
    const mayGoOn = (next: string | null): boolean =>
      !cluster.spec.paused && (next === null || allKnow(next, { cluster, partitions, secrets }));
    const seen = this.#seen.get(runtime);
    const signs = signsOf(cluster, caches);
    let free = mayGoOn(runtime.keys.next);
    if (seen?.signs === signs && seen.free === free && clock.monotonic() < seen.dueAt)
      return { changed: false, againInMs: untilDue(seen, clock.monotonic()) };
    const before = seen === undefined ? null : tokensOf(runtime);
    const settled = await runtime.keys.settle(cluster, (next) => {
      free = mayGoOn(next);
      return free;
    });
    const { changed, againInMs } = settled;
    runtime.keysRead = true;
    const dueAt = againInMs === null ? Number.POSITIVE_INFINITY : clock.monotonic() + againInMs;
    this.#seen.set(runtime, { signs, free, dueAt });
    // Tokens are handed to a core as it begins; keys it asks for each time.
    if (before !== null && before !== tokensOf(runtime)) runtime.core.restart();
    else if (changed) runtime.core.renew();
    return settled;
  }
}

const tokensOf = ({ keys }: ClusterRuntime): string => `${keys.agentToken} ${keys.adminToken}`;

const untilDue = ({ dueAt }: Seen, now: number): number | null => (Number.isFinite(dueAt) ? dueAt - now : null);

/** Changes whenever the keys may have: somebody asks for a rotation, or has touched one of the Secrets. */
function signsOf(cluster: ImapCluster, { secrets }: Caches): string {
  const { namespace } = cluster.metadata;
  const { keys, admin } = clusterNames(cluster);
  const versions = [keys, admin].map((name) => secrets.get(keyOf({ namespace, name }))?.metadata.resourceVersion ?? '');
  return [cluster.metadata.annotations?.[ROTATE_ANNOTATION] ?? '', ...versions].join(' ');
}
