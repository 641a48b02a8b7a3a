import type { ImapCluster } from '#crds/imap-cluster.ts';
import { clusterNames } from '../../../cluster/cluster-names.ts';
import { clusterObjects } from '../../../cluster/cluster-objects.ts';
import { credentialsSecret } from '../../../cluster/credentials-secret.ts';
import { imapdInputOf } from '../../../cluster/imapd-input-of.ts';
import { keyOf } from '../../watch/key-of.ts';
import { applyBuilt } from '../apply-built.ts';
import { clusterGroup } from '../caches/group-of.ts';
import type { Leading } from '../leading.ts';
import { removeUnwanted } from '../remove-unwanted.ts';
import type { ClusterRuntime } from '../runtime/cluster-runtime.ts';
import { mailPasswords } from './mail-passwords.ts';
import { PodMonitorDesk } from './pod-monitor-desk.ts';

/** Makes and mends the objects of clusters. */
export class ClusterObjectsDesk {
  readonly #leading: Leading;
  readonly #podMonitors: PodMonitorDesk;

  constructor(leading: Leading) {
    this.#leading = leading;
    this.#podMonitors = new PodMonitorDesk(leading);
  }

  /** @throws NameTaken, ApiError, network errors */
  async bringAbout(cluster: ImapCluster, runtime: ClusterRuntime, signal: AbortSignal): Promise<void> {
    const around = { ...this.#leading, signal };
    const { publicKeys, adminToken, scramSecret } = runtime.keys;
    const keys = { publicKeys, adminToken, scramSecret };
    const built = clusterObjects(imapdInputOf(cluster, this.#leading.configuration, keys));
    // Before the pods: one that starts without a password looks for it again, which takes a while.
    for (const object of [this.#credentials(cluster), ...built]) await applyBuilt(object, around);
    await this.#podMonitors.bringAbout(cluster, signal);
    await removeUnwanted({ owner: cluster, group: clusterGroup(cluster), wanted: built }, around);
  }

  #credentials(cluster: ImapCluster) {
    const { secrets, partitions } = this.#leading.caches;
    const { namespace } = cluster.metadata;
    const has = secrets.get(keyOf({ namespace, name: clusterNames(cluster).credentials }));
    const own = partitions.of(keyOf(cluster.metadata));
    const { passwords, others } = mailPasswords(own, (key) => secrets.get(key), has);
    return credentialsSecret(cluster, passwords, others);
  }
}
