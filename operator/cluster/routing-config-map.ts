import type { V1ConfigMap } from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { Built } from '../objects/built.ts';
import { ownedMeta } from '../objects/owned-meta.ts';
import { clusterNames } from './cluster-names.ts';
import { imapdLabels } from './imapd-labels.ts';
import { ROUTING_FILE } from './imapd-paths.ts';

/**
 * The signed routing document for pods that start, and for those that the operator cannot reach. Its signature protects
 * it, so it need not be secret; and a pod that boots from an old one does not write before it has heard of a newer (leases).
 *
 * @param signed the document as compact JWS (`contract/signature.ts`)
 */
export const routingConfigMap = (cluster: ImapCluster, signed: string): Built<V1ConfigMap> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: ownedMeta({ owner: cluster, name: clusterNames(cluster).routing, labels: imapdLabels(cluster) }),
  data: { [ROUTING_FILE]: signed },
});
