import type { V1NetworkPolicyPort } from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { BuiltNetworkPolicy } from '../objects/built.ts';
import { ownedMeta } from '../objects/owned-meta.ts';
import type { PodDefaults } from '../objects/pod-defaults.ts';
import { clusterNames } from './cluster-names.ts';
import { imapdLabels, imapdSelector } from './imapd-labels.ts';
import { IMAPD_PORT, type NamedPort } from './imapd-ports.ts';

const to = ({ name }: NamedPort): V1NetworkPolicyPort => ({ protocol: 'TCP', port: name });

/**
 * Who may connect to imapd: anybody to IMAP; the operator, the other imapd pods and the collectors of metrics to the admin
 * port. Where imapd connects to is not restricted: existing database servers and the issuers of tokens have no labels, and
 * the API server none either.
 */
export function imapdNetworkPolicy(cluster: ImapCluster, pods: PodDefaults): BuiltNetworkPolicy {
  const selector = { matchLabels: { ...imapdSelector(cluster) } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: ownedMeta({ owner: cluster, name: clusterNames(cluster).imapd, labels: imapdLabels(cluster) }),
    spec: {
      podSelector: selector,
      policyTypes: ['Ingress'],
      ingress: [
        { ports: [to(IMAPD_PORT.imap), ...(cluster.spec.tls === undefined ? [] : [to(IMAPD_PORT.imaps)])] },
        {
          from: [...pods.operatorPeers, { podSelector: selector }, ...pods.scraperPeers],
          ports: [to(IMAPD_PORT.admin)],
        },
      ],
    },
  };
}
