import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import type { ClusterNode } from '../cluster.ts';

/**
 * The nodes of a cluster that take pods: those of its control plane usually do not. Rejects where nobody answers or the
 * kubeconfig may not list them.
 */
export async function listNodes(kubeconfig: string): Promise<readonly ClusterNode[]> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const { items } = await config.makeApiClient(CoreV1Api).listNode();
  const open = items.filter(({ spec }) => !spec?.taints?.some(({ effect }) => effect !== 'PreferNoSchedule'));
  return open.map(({ metadata, status }) => ({
    name: metadata?.name ?? '',
    address: status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
  }));
}
