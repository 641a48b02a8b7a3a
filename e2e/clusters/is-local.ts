import { CLUSTER_VARIABLE, type ClusterAddress } from './connect-cluster.ts';

/** Whether the tests of this process run on a cluster of processes of this machine, in whose network they are. */
export function isLocal(environment: NodeJS.ProcessEnv = process.env): boolean {
  const address = JSON.parse(environment[CLUSTER_VARIABLE] ?? '{}') as Partial<ClusterAddress>;
  return address.provider === 'local';
}
