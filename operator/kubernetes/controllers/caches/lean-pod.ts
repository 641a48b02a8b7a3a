import type { V1Pod } from '@kubernetes/client-node';
import type { Stored } from '../../api/resource.ts';

/**
 * A pod without what it is made of, which is most of it: where it runs and how it is says its status, and whether it is of the
 * present make a hash on it.
 */
export function leanPod(pod: Stored<V1Pod>): Stored<V1Pod> {
  const { nodeName } = pod.spec ?? {};
  return { ...pod, spec: { containers: [], ...(nodeName === undefined ? {} : { nodeName }) } };
}
