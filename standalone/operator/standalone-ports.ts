import type { JWK } from 'jose';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { AgentDirectory } from '#operator/members/agent-directory.ts';
import type { Clock, Events, Keys, Pods, Ports } from '#operator/ports.ts';

import type { Tuning } from '#operator/tuning.ts';
import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import type { OperatorConfiguration } from './configuration.ts';
import { jobsOverLink } from './job-link.ts';
import type { MessageLink } from './message-link.ts';
import { podApiWithToken } from './pod-api.ts';
import { RecordFileStore } from './record-file-store.ts';
import { RoutingFileStore } from './routing-file-store.ts';

export type PortIngredients = {
  readonly configuration: OperatorConfiguration;
  readonly signingKey: JWK;
  readonly tuning: Tuning;
  readonly link: MessageLink;
  readonly pods: Pods;
  readonly log: Logger;
};

/** The operator's ports over files, loopback and the supervisor. `members` is given apart, since it must be closed. */
export function standalonePorts(from: PortIngredients): { readonly ports: Ports; readonly members: AgentDirectory } {
  const { configuration, log, link, pods } = from;
  const keys: Keys = { signing: async () => from.signingKey };
  const members = new AgentDirectory({
    cluster: configuration.spec.cluster,
    token: configuration.agentToken,
    keys,
    clock,
    silenceMs: from.tuning.heartbeatTimeoutMs,
  });
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
