import type { V1PodDisruptionBudget } from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { Built } from '../objects/built.ts';
import { ownedMeta } from '../objects/owned-meta.ts';
import { clusterNames } from './cluster-names.ts';
import { imapdLabels, imapdSelector } from './imapd-labels.ts';

/**
 * Drained nodes take one imapd at a time, so that its clients find room elsewhere. A single pod may go too: to hold up the
 * drain of a node for ever helps nobody.
 */
export const imapdDisruptionBudget = (cluster: ImapCluster): Built<V1PodDisruptionBudget> => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: ownedMeta({ owner: cluster, name: clusterNames(cluster).imapd, labels: imapdLabels(cluster) }),
  spec: {
    maxUnavailable: 1,
    selector: { matchLabels: { ...imapdSelector(cluster) } },
    // What is not ready serves nobody.
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
  },
});
