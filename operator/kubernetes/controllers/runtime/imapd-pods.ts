import type { V1Pod } from '@kubernetes/client-node';
import { IMAPD_PORT } from '../../../cluster/imapd-ports.ts';
import type { Pod } from '../../../ports.ts';
import type { Stored } from '../../api/resource.ts';

const ENDED: ReadonlySet<string> = new Set(['Succeeded', 'Failed']);

/**
 * The imapd pods that may serve: all with an address whose containers have not ended for good. Ready or not, and on their
 * way out too: whoever still has a session obeys the newest document.
 */
export function imapdPods(pods: readonly Stored<V1Pod>[]): readonly Pod[] {
  return pods.flatMap(({ metadata, status }) => {
    const address = status?.podIP ?? '';
    const isImapd = metadata.labels?.['app.kubernetes.io/component'] === 'imapd';
    if (!isImapd || address === '' || ENDED.has(status?.phase ?? '') || hasStopped(status)) return [];
    return [{ name: metadata.name, adminUrl: `http://${hostOf(address)}:${IMAPD_PORT.admin.port}` }];
  });
}

/** Its process has ended; the pod will follow, or the process be started again. */
const hasStopped = (status: Stored<V1Pod>['status']): boolean =>
  status?.containerStatuses?.some(({ state }) => state?.terminated !== undefined) === true;

/** Those that take sessions now. */
export const readyPods = (pods: readonly Stored<V1Pod>[]): readonly Pod[] => imapdPods(pods.filter(isReady));

const isReady = ({ metadata, status }: Stored<V1Pod>): boolean =>
  metadata.deletionTimestamp === undefined &&
  status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;

const hostOf = (address: string): string => (address.includes(':') ? `[${address}]` : address);
