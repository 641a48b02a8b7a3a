import type {
  V1ConfigMap,
  V1Deployment,
  V1Lease,
  V1Node,
  V1ObjectMeta,
  V1PersistentVolumeClaim,
  V1Pod,
  V1Secret,
  V1Service,
} from '@kubernetes/client-node';
import { API_VERSION } from '#crds/group.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { imapClusterKind, type Kind, mailboxPartitionKind } from '#crds/kind.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';

/** What all objects of the API have in common, as far as this folder needs it. */
export type ApiObject = {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly uid?: string | undefined;
    readonly resourceVersion?: string | undefined;
  };
};

/** Where objects of one kind are found, and as which type they are read. */
export type Resource<T extends ApiObject> = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never set: it carries the type. */
  readonly objects?: T;
};

/** JSON as it comes over the wire: client-node's types promise Dates where there are strings. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Wire<T[Key]> }
      : T;

/** A stored object always has metadata and a name. */
export type Stored<T extends { metadata?: V1ObjectMeta }> = Wire<Omit<T, 'metadata'>> & {
  readonly metadata: Wire<V1ObjectMeta> & { readonly name: string };
};

function core<T extends ApiObject>(kind: string, plural: string): Resource<T> {
  return { apiVersion: 'v1', kind, plural, namespaced: true };
}

export const pods = core<Stored<V1Pod>>('Pod', 'pods');
export const services = core<Stored<V1Service>>('Service', 'services');
export const secrets = core<Stored<V1Secret>>('Secret', 'secrets');
export const configMaps = core<Stored<V1ConfigMap>>('ConfigMap', 'configmaps');
export const volumeClaims = core<Stored<V1PersistentVolumeClaim>>('PersistentVolumeClaim', 'persistentvolumeclaims');
export const nodes: Resource<Stored<V1Node>> = { ...core('Node', 'nodes'), namespaced: false };
export const deployments: Resource<Stored<V1Deployment>> = {
  ...core('Deployment', 'deployments'),
  apiVersion: 'apps/v1',
};
export const leases: Resource<Stored<V1Lease>> = {
  ...core('Lease', 'leases'),
  apiVersion: 'coordination.k8s.io/v1',
};
export const imapClusters = custom<ImapCluster>(imapClusterKind);
export const mailboxPartitions = custom<MailboxPartition>(mailboxPartitionKind);

function custom<T extends ApiObject>({ kind, plural }: Kind): Resource<T> {
  return { apiVersion: API_VERSION, kind, plural, namespaced: true };
}
