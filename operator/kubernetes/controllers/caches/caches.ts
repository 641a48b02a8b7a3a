import type {
  V1Deployment,
  V1Node,
  V1PersistentVolumeClaim,
  V1Pod,
  V1Secret,
  V1Service,
} from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { imapClusterKind, mailboxPartitionKind } from '#crds/kind.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Clock } from '../../../ports.ts';
import type { ApiClient } from '../../api/api-client.ts';
import {
  type ApiObject,
  deployments,
  imapClusters,
  mailboxPartitions,
  nodes,
  pods,
  type Resource,
  type Stored,
  secrets,
  services,
  volumeClaims,
} from '../../api/resource.ts';
import { FIELD_MANAGER } from '../../apply/apply-object.ts';
import { withDefaults } from '../../kinds/with-defaults.ts';
import { STATUS_MANAGER } from '../../status/status-manager.ts';
import { clusterOf } from './cluster-of.ts';
import { groupOf } from './group-of.ts';
import { KindCache, type KindCacheOptions } from './kind-cache.ts';
import { leanPod } from './lean-pod.ts';
import { disruptionBudgets, networkPolicies, roleBindings, roles, serviceAccounts } from './managed-kinds.ts';
import type { ManagedObject } from './managed-object.ts';

export type CachesOptions = {
  readonly client: ApiClient;
  /** All where empty. */
  readonly watchNamespaces: readonly string[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
};

const OURS = 'app.kubernetes.io/managed-by=imapcluster-operator';

/** Of a kind that is applied, without its type: the object that is written says which it is. */
export type AppliedKind = { readonly resource: Resource<ManagedObject>; readonly cache: KindCache<ManagedObject> };

/**
 * Copies of everything that the operator looks at. They run from the start of the process, whoever leads: one that
 * becomes the leader knows everything already.
 */
export class Caches {
  readonly clusters: KindCache<ImapCluster>;
  /** `of`: those of a cluster, by its key. */
  readonly partitions: KindCache<MailboxPartition>;
  readonly pods: KindCache<Stored<V1Pod>>;
  readonly volumeClaims: KindCache<Stored<V1PersistentVolumeClaim>>;
  readonly secrets: KindCache<Stored<V1Secret>>;
  readonly services: KindCache<Stored<V1Service>>;
  readonly deployments: KindCache<Stored<V1Deployment>>;
  /** Without a right to see them the list stays empty, and nothing is done on their word. */
  readonly nodes: KindCache<Stored<V1Node>>;
  /** By `apiVersion/kind`. */
  readonly applied: ReadonlyMap<string, AppliedKind>;
  readonly #options: CachesOptions;

  constructor(options: CachesOptions) {
    this.#options = options;
    this.clusters = this.#watch(imapClusters, {
      manager: STATUS_MANAGER,
      complete: (cluster) => withDefaults(imapClusterKind, cluster),
    });
    this.partitions = this.#watch(mailboxPartitions, {
      manager: STATUS_MANAGER,
      index: clusterOf,
      complete: (partition) => withDefaults(mailboxPartitionKind, partition),
    });
    const found = { labelSelector: OURS, index: groupOf };
    const ours = { ...found, manager: FIELD_MANAGER };
    // What is written of these two is decided by their plan alone, never by whose fields are whose.
    this.pods = this.#watch(pods, { ...found, complete: leanPod });
    this.volumeClaims = this.#watch(volumeClaims, found);
    this.secrets = this.#watch(secrets, ours);
    this.services = this.#watch(services, ours);
    this.deployments = this.#watch(deployments, ours);
    this.nodes = this.#watch(nodes, { namespaces: [undefined] });
    const further = [serviceAccounts, roles, roleBindings, disruptionBudgets, networkPolicies].map(
      (resource: Resource<ManagedObject>) => ({ resource, cache: this.#watch(resource, ours) }),
    );
    const typed = [
      anyKind(secrets, this.secrets),
      anyKind(services, this.services),
      anyKind(deployments, this.deployments),
    ];
    this.applied = new Map([...typed, ...further].map((kind) => [kindKey(kind.resource), kind]));
  }

  /** Resolves when everything that there was at the start is known. */
  get synced(): Promise<unknown> {
    return Promise.all(this.#needed().map((cache) => cache.synced));
  }

  /** Kinds that are not known whole yet: the API server does not answer, or does not let us see them. */
  get missing(): readonly string[] {
    return this.#needed().flatMap(({ kind, isSynced }) => (isSynced ? [] : [kind]));
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#needed(), this.nodes].map((cache) => cache.run(signal)));
  }

  #needed() {
    const { clusters, partitions, pods, volumeClaims, applied } = this;
    return [clusters, partitions, pods, volumeClaims, ...[...applied.values()].map(({ cache }) => cache)];
  }

  #watch<T extends ApiObject>(resource: Resource<T>, how: Partial<KindCacheOptions<T>>): KindCache<T> {
    const { watchNamespaces, ...options } = this.#options;
    const namespaces = watchNamespaces.length === 0 ? [undefined] : watchNamespaces;
    return new KindCache<T>({ ...options, resource, namespaces, ...how });
  }
}

export const kindKey = ({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): string =>
  `${apiVersion}/${kind}`;

/** What reads objects of a kind reads them as any objects; what is written is what was built for the kind. */
const anyKind = <T extends ManagedObject>(resource: Resource<T>, cache: KindCache<T>): AppliedKind => ({
  resource,
  cache: cache as unknown as KindCache<ManagedObject>,
});
