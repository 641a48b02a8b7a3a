import type { V1Probe } from '@kubernetes/client-node';

/** Of a starting process, in seconds: reading its modules takes a while on a busy node. */
const START_WITHIN = 60;

/** Name of the port where a program shows its health, in every pod. */
export const HEALTH_PORT = 'admin';

const ask = (path: string): Pick<V1Probe, 'httpGet'> => ({ httpGet: { path, port: HEALTH_PORT, scheme: 'HTTP' } });

export type Probes = Readonly<Record<'startupProbe' | 'livenessProbe' | 'readinessProbe', V1Probe>>;

/**
 * Probes of our programs (`runtime/health-routes.ts`). Liveness asks whether the event loop turns and for nothing else: one
 * that looked at replication would restart every pod in the middle of a failover. It is patient, for a restart ends sessions.
 */
export const healthProbes = (): Probes => ({
  startupProbe: { ...ask('/healthz'), periodSeconds: 1, timeoutSeconds: 5, failureThreshold: START_WITHIN },
  livenessProbe: { ...ask('/healthz'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
  readinessProbe: { ...ask('/readyz'), periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 },
});
