import type { ImapCluster } from '#crds/imap-cluster.ts';
import { clusterNames } from '../../../cluster/cluster-names.ts';
import { ROTATE_ANNOTATION, type Settled } from '../../ports/cluster-keys.ts';
import { keyOf } from '../../watch/key-of.ts';
import type { Caches } from '../caches/caches.ts';
import type { Leading } from '../leading.ts';
import type { ClusterRuntime } from '../runtime/cluster-runtime.ts';

type Seen = { readonly signs: string; readonly dueAt: number };

/** Keeps the keys of clusters, and asks the API server for them only where something may have changed. */
export class KeysDesk {
  readonly #leading: Leading;
  readonly #seen = new WeakMap<ClusterRuntime, Seen>();

  constructor(leading: Leading) {
    this.#leading = leading;
  }

  /** `againInMs`: until the next step of a rotation; null: none is under way. @throws as ClusterKeys.settle */
  async settle(cluster: ImapCluster, runtime: ClusterRuntime): Promise<Settled> {
    const { caches, clock } = this.#leading;
    const seen = this.#seen.get(runtime);
    const signs = signsOf(cluster, caches);
    if (seen?.signs === signs && clock.monotonic() < seen.dueAt)
      return { changed: false, againInMs: untilDue(seen, clock.monotonic()) };
    const before = seen === undefined ? null : tokensOf(runtime);
    const settled = await runtime.keys.settle(cluster);
    const { changed, againInMs } = settled;
    runtime.keysRead = true;
    const dueAt = againInMs === null ? Number.POSITIVE_INFINITY : clock.monotonic() + againInMs;
    this.#seen.set(runtime, { signs, dueAt });
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
