import type { V1LabelSelector } from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { Built } from '../objects/built.ts';
import { ownedMeta } from '../objects/owned-meta.ts';
import { clusterNames } from './cluster-names.ts';
import { imapdLabels, imapdSelector } from './imapd-labels.ts';
import { IMAPD_PORT } from './imapd-ports.ts';

/** The part of the Prometheus operator's resource that we use. To be applied only where its CRD exists. */
export type PodMonitor = Built<{
  readonly spec: {
    readonly selector: V1LabelSelector;
    readonly podMetricsEndpoints: readonly { readonly port: string; readonly path: string }[];
  };
}>;

export const imapdPodMonitor = (cluster: ImapCluster): PodMonitor => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PodMonitor',
  metadata: ownedMeta({ owner: cluster, name: clusterNames(cluster).imapd, labels: imapdLabels(cluster) }),
  spec: {
    selector: { matchLabels: { ...imapdSelector(cluster) } },
    podMetricsEndpoints: [{ port: IMAPD_PORT.admin.name, path: '/metrics' }],
  },
});
