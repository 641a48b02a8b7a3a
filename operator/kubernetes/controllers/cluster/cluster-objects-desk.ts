import type { ImapCluster } from '#crds/imap-cluster.ts';
import { clusterNames } from '../../../cluster/cluster-names.ts';
import { clusterObjects } from '../../../cluster/cluster-objects.ts';
import { credentialsSecret } from '../../../cluster/credentials-secret.ts';
import { imapdInputOf } from '../../../cluster/imapd-input-of.ts';
import { imapdPodMonitor } from '../../../cluster/pod-monitor.ts';
import { namespaceOf } from '../../../objects/owned-meta.ts';
import { applyObject } from '../../apply/apply-object.ts';
import { keyOf } from '../../watch/key-of.ts';
import { applyBuilt } from '../apply-built.ts';
import { clusterGroup } from '../caches/group-of.ts';
import { podMonitors } from '../caches/managed-kinds.ts';
import type { Leading } from '../leading.ts';
import { removeUnwanted } from '../remove-unwanted.ts';
import type { ClusterRuntime } from '../runtime/cluster-runtime.ts';
import { mailPasswords } from './mail-passwords.ts';
import { PodMonitorKind } from './pod-monitor-kind.ts';

/** Makes and mends the objects of clusters. */
export class ClusterObjectsDesk {
  readonly #leading: Leading;
  readonly #podMonitorKind: PodMonitorKind;

  constructor(leading: Leading) {
    this.#leading = leading;
    this.#podMonitorKind = new PodMonitorKind(leading.client, leading.clock);
  }

  /** @throws NameTaken, ApiError, network errors */
  async bringAbout(cluster: ImapCluster, runtime: ClusterRuntime, signal: AbortSignal): Promise<void> {
    const around = { ...this.#leading, signal };
    const { publicKeys, adminToken, scramSecret } = runtime.keys;
    const keys = { publicKeys, adminToken, scramSecret };
    const built = clusterObjects(imapdInputOf(cluster, this.#leading.configuration, keys));
    // Before the pods: one that starts without a password looks for it again, which takes a while.
    for (const object of [this.#credentials(cluster), ...built]) await applyBuilt(object, around);
    await this.#podMonitor(cluster, signal);
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

  /** No copy is kept of PodMonitors: the kind may not exist, and they change once in a lifetime. */
  async #podMonitor(cluster: ImapCluster, signal: AbortSignal): Promise<void> {
    const { client } = this.#leading;
    if (!(await this.#podMonitorKind.isThere(namespaceOf(cluster)))) return;
    const desired = imapdPodMonitor(cluster);
    const live = await client.get(podMonitors, desired.metadata, { signal });
    await applyObject(client, { resource: podMonitors, desired, live, signal });
  }
}
