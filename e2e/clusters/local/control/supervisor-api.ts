import type { Cluster } from '../../cluster.ts';

/** What can be said of a cluster in JSON. */
export type ClusterDescription = Pick<Cluster, 'kubeconfig' | 'nodes' | 'programFolders' | 'auditLog'>;

export type SupervisorStatus =
  | { readonly phase: 'starting'; readonly step: string }
  | { readonly phase: 'ready'; readonly cluster: ClusterDescription };
