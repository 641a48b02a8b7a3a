import type { Cluster } from './cluster.ts';
import { SupervisorClient } from './local/control/supervisor-client.ts';

/** How the process that holds a cluster tells its tests where it is. */
export const CLUSTER_VARIABLE = 'IMAPCLUSTER_E2E_CLUSTER';

export type ClusterAddress =
  | { readonly provider: 'local'; readonly socket: string }
  | { readonly provider: 'kind' | 'kubeconfig'; readonly kubeconfig: string };

/**
 * The cluster that an e2e test runs on.
 * @throws Error where the test was not started by `npm run e2e`
 */
export async function connectCluster(): Promise<Cluster> {
  const text = process.env[CLUSTER_VARIABLE];
  if (text === undefined) throw new Error('there is no cluster: run this test by "npm run e2e -- NAME"');
  const address = JSON.parse(text) as ClusterAddress;
  // The client library behind the others takes most of a second to load, in each test file.
  switch (address.provider) {
    case 'local':
      return await new SupervisorClient(address.socket).connect();
    case 'kind':
      return await (await import('./kind/kind-cluster.ts')).connectKindCluster(address.kubeconfig);
    case 'kubeconfig':
      return await (await import('./foreign/kubeconfig-cluster.ts')).kubeconfigCluster(address.kubeconfig);
  }
}
