import type { V1Role, V1RoleBinding, V1ServiceAccount } from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { Built } from '../objects/built.ts';
import { ownedMeta } from '../objects/owned-meta.ts';
import { clusterNames } from './cluster-names.ts';
import { imapdLabels } from './imapd-labels.ts';

export type Access = {
  readonly account: Built<V1ServiceAccount>;
  readonly role: Built<V1Role>;
  readonly binding: Built<V1RoleBinding>;
};

const RBAC = 'rbac.authorization.k8s.io';

/**
 * All that an imapd pod may do with the API server: read the one ConfigMap that holds its cluster's routing document, for
 * the time when the operator is gone and the kubelet slow.
 */
export function imapdAccess(cluster: ImapCluster): Access {
  const { imapd, routing } = clusterNames(cluster);
  const metadata = ownedMeta({ owner: cluster, name: imapd, labels: imapdLabels(cluster) });
  return {
    account: { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
    role: {
      apiVersion: `${RBAC}/v1`,
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [routing], verbs: ['get'] }],
    },
    binding: {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'Role', name: imapd },
      subjects: [{ kind: 'ServiceAccount', name: imapd, namespace: metadata.namespace }],
    },
  };
}
