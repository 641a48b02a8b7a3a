import type { V1Service } from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { Built } from '../objects/built.ts';
import { ownedMeta } from '../objects/owned-meta.ts';
import { clusterNames } from './cluster-names.ts';
import { imapdLabels, imapdSelector } from './imapd-labels.ts';
import { IMAPD_PORT } from './imapd-ports.ts';

/** The pods one by one, for whatever has to reach each: hints between them, people who look. */
export function podsService(cluster: ImapCluster): Built<V1Service> {
  const { name, port } = IMAPD_PORT.admin;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMeta({ owner: cluster, name: clusterNames(cluster).pods, labels: imapdLabels(cluster) }),
    spec: {
      type: 'ClusterIP',
      clusterIP: 'None',
      // A pod that starts or leaves holds views like any other, and wants to hear of changes.
      publishNotReadyAddresses: true,
      selector: { ...imapdSelector(cluster) },
      ports: [{ name, port, targetPort: name, protocol: 'TCP' }],
    },
  };
}
