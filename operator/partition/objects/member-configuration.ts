import { parseDuration } from '#crds/duration.ts';
import { type MemberInput, managedOf } from './member-input.ts';
import { MEMBER_PATH, PASSWORDS_FILE, PUBLIC_KEYS_FILE } from './member-paths.ts';
import { AGENT_PORT, databasePort } from './member-ports.ts';

/** Fields that differ from pod to pod, and are set by arguments: `member-pod.ts`. */
export const MEMBER_FIELD = 'member';
export const HOST_FIELD = 'server.host';
export const INSTANCE_FIELD = 'instance';

/**
 * For so long a primary whose pod is deleted serves on, so that another one can take over. Many times what that takes; and
 * what is left of the grace period suffices to stop its server in order (`member-pod.ts`). Milliseconds.
 */
export const HAND_OVER_MS = 20_000;

/**
 * Configuration file of all agents of a partition (`member/configuration.ts`, which the operator may not import; that it
 * fits is tested where both are known, in `standalone/pod-configurations.test.ts`). Without the three fields above.
 */
export function memberConfiguration({ partition, database, pods, agentToken }: MemberInput) {
  const { repository, failover, clusterRef } = partition.spec;
  const { instances, parameters } = managedOf(partition);
  return {
    cluster: clusterRef.name,
    partition: partition.metadata.name,
    engine: repository.engine,
    listen: { host: pods.anyAddress, port: AGENT_PORT.port },
    server: {
      port: databasePort(repository.engine).port,
      // Not the pod's address alone: `kubectl port-forward` comes from within the pod.
      listenAddresses: '*',
      binDirectory: database.binDirectory,
      // Of PostgreSQL the folder says it, and agents of an older make, which start again by this file, know no such field.
      ...(repository.engine === 'postgresql' ? {} : { majorVersion: database.majorVersion }),
      dataDirectory: MEMBER_PATH.data,
      socketDirectory: MEMBER_PATH.socket,
      database: repository.database,
      parameters: Object.fromEntries(Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    },
    secretsFile: `${MEMBER_PATH.secrets}/${PASSWORDS_FILE}`,
    operatorKeysFile: `${MEMBER_PATH.configuration}/${PUBLIC_KEYS_FILE}`,
    token: agentToken,
    probe: { intervalMs: parseDuration(failover.probeInterval) },
    // A member without peers is never cut off from them.
    ...(instances === 1 ? { isolation: { afterMs: null } } : { handOver: { withinMs: HAND_OVER_MS } }),
    logLevel: pods.logLevel,
  };
}
