import type { V1Pod } from '@kubernetes/client-node';
import type { ProcessNow } from '#contract/control-api.ts';
import type { Stored } from '../../api/resource.ts';

const KIND: Readonly<Record<string, string>> = { imapd: 'imapd', database: 'agent', job: 'job' };

/** Pods as `imapctl status` lists processes. */
export const podProcesses = (pods: readonly Stored<V1Pod>[]): ProcessNow[] =>
  pods
    .map(({ metadata, status }) => {
      const component = metadata.labels?.['app.kubernetes.io/component'] ?? '';
      const restarts = status?.containerStatuses?.reduce((sum, { restartCount }) => sum + restartCount, 0) ?? 0;
      const startedAt = status?.startTime === undefined ? null : Date.parse(status.startTime);
      return {
        kind: KIND[component] ?? component,
        name: metadata.name,
        state: stateOf(metadata.deletionTimestamp !== undefined, status),
        pid: null,
        restarts,
        startedAt,
      };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** Why a container waits says more than that its pod is Running. */
function stateOf(isLeaving: boolean, status: Stored<V1Pod>['status']): string {
  if (isLeaving) return 'Terminating';
  const waiting = status?.containerStatuses?.find(({ state }) => state?.waiting !== undefined)?.state?.waiting?.reason;
  return waiting ?? status?.phase ?? 'Unknown';
}
