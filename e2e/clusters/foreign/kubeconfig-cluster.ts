import type { Cluster } from '../cluster.ts';
import { impossibleFaults } from './impossible-faults.ts';
import { listNodes } from './list-nodes.ts';

const WHY = 'the machines of a cluster given by --kubeconfig are not ours to touch';

/** Any cluster of the user's. We only speak to its API server. */
export async function kubeconfigCluster(kubeconfig: string): Promise<Cluster> {
  return {
    provider: 'kubeconfig',
    kubeconfig,
    nodes: await listNodes(kubeconfig),
    programFolders: [],
    auditLog: null,
    connections: () => Promise.resolve(null),
    loadImage: (archive) =>
      Promise.reject(new Error(`${archive} cannot be loaded: push it to a registry that this cluster pulls from`)),
    faults: impossibleFaults(WHY),
    cannot: () => WHY,
  };
}
