import type { V1Pod } from '@kubernetes/client-node';
import type { Stored } from '#operator/kubernetes/api/resource.ts';

/** Status of a pod as its kubelet writes it once all its containers run and answer. */
export function readyStatus(containers: readonly string[], address: string): NonNullable<Stored<V1Pod>['status']> {
  const at = `${new Date().toISOString().slice(0, -5)}Z`;
  const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'];
  return {
    phase: 'Running',
    podIP: address,
    podIPs: [{ ip: address }],
    startTime: at,
    conditions: conditions.map((type) => ({ type, status: 'True', lastTransitionTime: at })),
    containerStatuses: containers.map((name) => ({
      name,
      image: 'registry.example/image:1',
      imageID: 'sha256:0000',
      containerID: 'containerd://0000',
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: at } },
    })),
  };
}
