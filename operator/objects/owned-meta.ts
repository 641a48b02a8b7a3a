import type { V1OwnerReference } from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { BuiltMeta } from './built.ts';
import type { Labels } from './labels.ts';

export type Owner = Pick<ImapCluster | MailboxPartition, 'apiVersion' | 'kind' | 'metadata'>;

export type OwnedMeta = {
  readonly owner: Owner;
  readonly name: string;
  readonly labels: Labels;
  readonly annotations?: Readonly<Record<string, string>>;
  /** False for what outlives its owner: volumes that are kept. */
  readonly owned?: boolean;
};

/** Metadata of an object in its owner's namespace, collected with it. */
export function ownedMeta({ owner, name, labels, annotations = {}, owned = true }: OwnedMeta): BuiltMeta {
  return {
    name,
    namespace: namespaceOf(owner),
    labels: { ...labels },
    // The API server keeps no empty map.
    ...(Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } }),
    ...(owned ? { ownerReferences: [ownerReference(owner)] } : {}),
  };
}

/** @throws RangeError for an object that did not come from the API server: what is made for it would be collected at once. */
export function ownerReference({ apiVersion, kind, metadata }: Owner): V1OwnerReference {
  if (metadata.uid === undefined) throw new RangeError(`${kind} ${metadata.name} has no uid`);
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

/** @throws RangeError for an object that did not come from the API server */
export function namespaceOf({ kind, metadata }: Owner): string {
  if (metadata.namespace === undefined) throw new RangeError(`${kind} ${metadata.name} has no namespace`);
  return metadata.namespace;
}
