import type { V1LabelSelector, V1NetworkPolicyPort } from '@kubernetes/client-node';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { BuiltNetworkPolicy } from '../../objects/built.ts';
import { type Component, selectorLabels } from '../../objects/labels.ts';
import { ownedMeta } from '../../objects/owned-meta.ts';
import type { PodDefaults } from '../../objects/pod-defaults.ts';
import { membersSelector, partitionLabels } from './member-labels.ts';
import { AGENT_PORT, databasePort } from './member-ports.ts';
import { partitionNames } from './partition-names.ts';

const port = (number: number | string, protocol: 'TCP' | 'UDP' = 'TCP'): V1NetworkPolicyPort => ({
  protocol,
  port: number,
});
const AGENT = port(AGENT_PORT.port);
/**
 * By its number, and by the names that the ports of its pods have everywhere: behind the Service's 53 they may listen elsewhere
 * (5353 on OpenShift), and a policy may be held against where a connection ends up.
 */
const NAMES = [port(53, 'UDP'), port(53), port('dns', 'UDP'), port('dns-tcp')];

/**
 * Who talks to the members of a partition: imapd and the jobs of its cluster to the database; the operator and collectors of
 * metrics to the agents; the members to each other by both. They themselves talk to nobody else but the name service. Whoever
 * else is to reach a database gets a NetworkPolicy of their own: policies add up.
 */
export function membersNetworkPolicy(partition: MailboxPartition, pods: PodDefaults): BuiltNetworkPolicy {
  const cluster = partition.spec.clusterRef.name;
  const database = port(databasePort(partition.spec.repository.engine).port);
  const those = (component: Component): { readonly podSelector: V1LabelSelector } => ({
    podSelector: { matchLabels: { ...selectorLabels({ cluster, component }) } },
  });
  const watchers = [...pods.operatorPeers, ...pods.scraperPeers];
  const members = { podSelector: { matchLabels: { ...membersSelector(partition) } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: ownedMeta({
      owner: partition,
      name: partitionNames(partition).policy,
      labels: partitionLabels(partition),
    }),
    spec: {
      ...members,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        { from: [those('imapd'), those('job')], ports: [database] },
        // An empty list would let in everybody.
        ...(watchers.length === 0 ? [] : [{ from: watchers, ports: [AGENT] }]),
        { from: [members], ports: [database, AGENT] },
      ],
      egress: [{ to: [members], ports: [database, AGENT] }, { ports: NAMES }],
    },
  };
}
