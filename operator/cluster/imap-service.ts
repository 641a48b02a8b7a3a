import type { V1Service, V1ServicePort } from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { Built } from '../objects/built.ts';
import { ownedMeta } from '../objects/owned-meta.ts';
import { clusterNames } from './cluster-names.ts';
import { imapdLabels, imapdSelector } from './imapd-labels.ts';
import { IMAPD_PORT, WELL_KNOWN_PORT } from './imapd-ports.ts';

/** Where mail clients connect: 143, and 993 once there is a certificate. Any pod serves any user, so nothing sticks. */
export function imapService(cluster: ImapCluster): Built<V1Service> {
  const { service, tls } = cluster.spec;
  const open = (kind: keyof typeof WELL_KNOWN_PORT): V1ServicePort => {
    const { name } = IMAPD_PORT[kind];
    return { name, port: WELL_KNOWN_PORT[kind], targetPort: name, protocol: 'TCP' };
  };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMeta({
      owner: cluster,
      name: clusterNames(cluster).service,
      labels: imapdLabels(cluster),
      annotations: service.annotations,
    }),
    spec: {
      type: service.type,
      selector: { ...imapdSelector(cluster) },
      ports: tls === undefined ? [open('imap')] : [open('imap'), open('imaps')],
    },
  };
}
