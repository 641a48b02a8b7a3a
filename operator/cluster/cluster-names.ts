import type { ImapCluster } from '#crds/imap-cluster.ts';
import { objectName } from '#crds/names/object-name.ts';

/** Names of everything that the operator makes for an ImapCluster. */
export type ClusterNames = {
  /** Deployment, ServiceAccount, Role, RoleBinding, PodDisruptionBudget, NetworkPolicy and PodMonitor of imapd. */
  readonly imapd: string;
  /** Service that mail clients connect to. */
  readonly service: string;
  /** Headless Service: an address for each pod, ready or not. */
  readonly pods: string;
  /** Secret with imapd's configuration, which holds a token, and the public keys. */
  readonly configuration: string;
  /** ConfigMap with the signed routing document. */
  readonly routing: string;
  /** Secret with a file for each partition: how imapd signs in to its databases. */
  readonly credentials: string;
  /** Secret with the key that signs and the agents' token; the operator alone reads it. */
  readonly keys: string;
  /** Secret with the bearer token of the admin ports and of the control API, for people who may read it. */
  readonly admin: string;
};

export function clusterNames({ metadata }: Pick<ImapCluster, 'metadata'>): ClusterNames {
  const named = (suffix: string): string => objectName(metadata.name, suffix);
  return {
    imapd: named('imapd'),
    service: named('imap'),
    pods: named('imapd-pods'),
    configuration: named('imapd-configuration'),
    routing: named('routing'),
    credentials: named('imapd-credentials'),
    keys: named('keys'),
    admin: named('admin'),
  };
}
