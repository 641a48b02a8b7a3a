import type { JWK } from 'jose';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { AgentDirectory } from '#operator/members/agent-directory.ts';
import { SqlDirectory } from '#operator/members/by-sql/sql-directory.ts';
import { RoutedMembers } from '#operator/members/routed-members.ts';
import type { Clock, Events, Keys, Pods, Ports } from '#operator/ports.ts';
import { podApiWithToken } from '#operator/targets/pod-api-with-token.ts';

import type { Tuning } from '#operator/tuning.ts';
import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import type { OperatorConfiguration } from './configuration.ts';
import { jobsOverLink } from './job-link.ts';
import type { MessageLink } from './message-link.ts';
import { RecordFileStore } from './record-file-store.ts';
import { RoutingFileStore } from './routing-file-store.ts';
import { sqlCredentialsIn } from './sql-credentials-file.ts';

export type PortIngredients = {
  readonly configuration: OperatorConfiguration;
  readonly signingKey: JWK;
  readonly tuning: Tuning;
  readonly link: MessageLink;
  readonly pods: Pods;
  readonly log: Logger;
};

/** The operator's ports over files, loopback and the supervisor. `members` is given apart, since it must be closed. */
export function standalonePorts(from: PortIngredients): { readonly ports: Ports; readonly members: RoutedMembers } {
  const { configuration, log, link, pods } = from;
  const keys: Keys = { signing: async () => from.signingKey };
  const { cluster } = configuration.spec;
  const agents = new AgentDirectory({
    cluster,
    token: configuration.agentToken,
    keys,
    clock,
    silenceMs: from.tuning.heartbeatTimeoutMs,
  });
  const credentials = sqlCredentialsIn(configuration.sqlCredentials);
  const bySql = new SqlDirectory({ cluster, clock, random: Math.random, credentials, log });
  const members = new RoutedMembers(agents, bySql);
  members.apply(configuration.spec.partitions);
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const ports: Ports = {
    members,
    records: new RecordFileStore(configuration.recordsFolder),
    routing: new RoutingFileStore({ file: configuration.routingFile, signedFile: configuration.signedRoutingFile }),
    pods,
    podApi: podApiWithToken(configuration.imapdToken),
    jobs: jobsOverLink(link),
    events: logEvents(log),
    clock,
    keys,
    log,
    metrics,
  };
  return { ports, members };
}

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => pause(ms, signal),
};

const logEvents = (log: Logger): Events => ({
  emit: ({ code, partition, message, fields }) => log.event(code, { partition, ...fields }, message),
});
