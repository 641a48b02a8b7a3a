type Durability = 'Async' | 'Quorum';

/** One partition of so many databases, and two imapd before it. */
export const manifests = (durability: Durability, instances: number): string => `apiVersion: imapcluster.io/v1alpha1
kind: ImapCluster
metadata: {name: mail}
spec: {replicas: 2}
---
apiVersion: imapcluster.io/v1alpha1
kind: MailboxPartition
metadata: {name: users}
spec:
  clusterRef: {name: mail}
  holds: {slots: [0-1023]}
  repository: {engine: postgresql, managed: {instances: ${instances}}}
  durability: {mode: ${durability}}
`;
