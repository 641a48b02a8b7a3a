import type { AgentReport } from '#contract/agent-report.ts';
import type { MemberName } from '#contract/names.ts';
import type { PartitionSpec } from '../../partition/partition-spec.ts';
import type { PartitionRecord } from '../../partition/record.ts';
import type { ProcessEnd } from '../../ports.ts';
import type { Tuning } from '../../tuning.ts';
import { isReplica, type MemberObservation, type Observation, type PodObservation } from './observation.ts';
import { endOf, isExpectedToEnd, wordOf } from './platform-word.ts';

/**
 * Is the primary dead? `suspect` is evidence that does not suffice, and never leads to anything but another look.
 */
export type Verdict =
  | { readonly state: 'alive' }
  | { readonly state: 'suspect'; readonly why: string }
  | { readonly state: 'dead'; readonly why: string; readonly revive: Revival };

/**
 * How its agent could bring the server back in place: `start` where it is down; `kill` where it runs and does not answer,
 * so that it has to end first; `begun` where it has been starting for longer than that may take. null: nobody can.
 */
export type Revival = 'start' | 'kill' | 'begun' | null;

export type EvidenceInput = {
  readonly spec: PartitionSpec;
  readonly record: PartitionRecord;
  readonly observation: Observation;
  readonly tuning: Tuning;
};

const alive: Verdict = { state: 'alive' };

/**
 * Step `confirm`. Hard evidence: the agent says that its server ended or refuses connections; the platform says that the
 * agent's own process ended, for its server is its child in the same container. Soft evidence: probes that time out, an agent
 * that cannot be reached; it counts only with a witness who looks from another place, a replica or an imapd process. What the
 * operator alone cannot see is not dead.
 */
export function assess(primary: MemberName, input: EvidenceInput): Verdict {
  const member = input.observation.members.get(primary);
  if (member === undefined) return { state: 'suspect', why: `${primary} has not been seen yet` };
  const end = endOf(member);
  if (end !== null) return assessEnd(primary, end, input);
  const fresh = member.silentMs !== null && member.silentMs < input.tuning.heartbeatTimeoutMs;
  if (member.connected && fresh && member.report !== null) return assessReport(member.report, input);
  return assessSilence(member, input);
}

/** What still looks connected may merely not have been told: a network that is taken away ends no connection. */
function assessEnd(primary: MemberName, { exitCode }: ProcessEnd, input: EvidenceInput): Verdict {
  const why = `its container ended (exit code ${exitCode})`;
  // Nobody could take over, and a container is started again by itself: that it ended is no news for a person.
  const { replicas } = surroundings(primary, input);
  return replicas.length === 0 ? { state: 'suspect', why } : { state: 'dead', why, revive: null };
}

function assessReport(report: AgentReport, input: EvidenceInput): Verdict {
  switch (report.state) {
    case 'exited':
      return { state: 'dead', why: `the server ended (${ending(report)})`, revive: 'start' };
    case 'empty':
      return { state: 'dead', why: 'the data directory is gone', revive: null };
    case 'stopped':
    case 'starting':
    case 'working':
      return assessStart(report, input);
    case 'running':
      return assessProbes(report, input);
  }
}

/** Machines that boot together are no failure: a start is waited for, but not for ever. */
function assessStart(report: AgentReport, { observation, tuning }: EvidenceInput): Verdict {
  const why = `the server is ${report.state}`;
  return (observation.primaryDownMs ?? 0) < tuning.restartBudgetMs
    ? { state: 'suspect', why }
    : { state: 'dead', why, revive: report.state === 'stopped' ? 'start' : 'begun' };
}

function ending(report: AgentReport): string {
  if (report.exit === null) return 'unknown how';
  if (report.exit.cause === 'DiskFull') return 'no disk space left';
  return report.exit.signal ?? `code ${report.exit.code}`;
}

function assessProbes(report: AgentReport, input: EvidenceInput): Verdict {
  const { consecutiveFailures, failure } = report.probe;
  // `sql` is an answer: a server that says "too many connections" lives (CloudNativePG #8341: overload is not death).
  if (consecutiveFailures < input.spec.failover.failureThreshold || failure === 'sql' || failure === null) return alive;
  const why = `${consecutiveFailures} probes failed (${failure})`;
  if (failure === 'refused' || failure === 'reset') return { state: 'dead', why, revive: killer(input) };
  const witness = findWitness(report.member as MemberName, input);
  if (witness === null) return { state: 'suspect', why: `${why}, but nobody else misses it` };
  return { state: 'dead', why: `${why}; ${witness}`, revive: killer(input) };
}

/** SQL ends no server, least of all one that does not answer. */
const killer = ({ spec }: EvidenceInput): Revival => (spec.control === 'sql' ? null : 'kill');

/**
 * The agent does not answer. Only the replicas' silence makes that a death: all that can be asked must have lost it,
 * and at least one must be there to ask. An Async primary that imapd still writes to is spared: its host may merely
 * be cut off from us, and a failover would lose what it goes on acknowledging.
 */
function assessSilence(member: MemberObservation, input: EvidenceInput): Verdict {
  const { failoverAfterMs, replicas, pods } = surroundings(member.name, input);
  if (member.failure === null && member.silentMs === null) return { state: 'suspect', why: 'not contacted yet' };
  if ((member.silentMs ?? Number.POSITIVE_INFINITY) < failoverAfterMs && !isExpectedToEnd(member)) {
    return { state: 'suspect', why: 'its agent has just gone silent' };
  }
  if (replicas.length === 0) return { state: 'suspect', why: 'no agent answers: the operator may be the one cut off' };
  const attached = replicas.find((replica) => !missesUpstream(replica, member.name, input.tuning));
  if (attached !== undefined) {
    return { state: 'suspect', why: `its agent is silent, but ${attached.name} still hears it` };
  }
  if (input.record.synchronous.required === 0 && pods.some((pod) => reaches(pod, input.tuning))) {
    return { state: 'suspect', why: 'its agent is silent, but imapd reaches the server' };
  }
  const why = `its agent is gone (${member.failure ?? 'silent'}) and no replica hears it`;
  return { state: 'dead', why, revive: null };
}

function surroundings(primary: MemberName, input: EvidenceInput) {
  const { failureThreshold, probeIntervalMs } = input.spec.failover;
  return {
    failoverAfterMs: failureThreshold * probeIntervalMs,
    replicas: [...input.observation.members.values()].filter((m) => m.name !== primary && isReplica(m)),
    pods: freshViews(input),
  };
}

/** Views that are younger than two heartbeats and speak of the epoch in force. */
function freshViews({ observation, record, tuning }: EvidenceInput): readonly PodObservation[] {
  return observation.pods.filter(
    (pod) => pod.ageMs < 2 * tuning.heartbeatIntervalMs && pod.epoch === (record.target?.epoch ?? 0),
  );
}

/** Who else misses the primary, in words; null where nobody does. */
function findWitness(primary: MemberName, input: EvidenceInput): string | null {
  const { replicas, pods } = surroundings(primary, input);
  // One that is on its way back may hear nobody for reasons of its own.
  const settled = replicas.filter(({ name }) => !input.record.rejoining.some(({ member }) => member === name));
  const replica = settled.find((candidate) => missesUpstream(candidate, primary, input.tuning));
  if (replica !== undefined) return `${replica.name} does not hear it either`;
  const lost = pods.find((pod) => pod.writerReachable === false && pod.writerFailure !== 'sql');
  if (lost !== undefined && !pods.some((pod) => reaches(pod, input.tuning))) {
    return `imapd ${lost.pod} does not reach it either`;
  }
  // The whole host may stand still (a disk that does not answer). But a lost keeper of a host kills no server.
  const member = input.observation.members.get(primary);
  const isHostLost = member !== undefined && wordOf(member) === 'hostLost';
  return isHostLost && !pods.some((pod) => reaches(pod, input.tuning)) ? 'its host is lost to the platform too' : null;
}

/** It has an answer of the writer, and not from long ago: who uses the writer no more says nothing of it. */
const reaches = (pod: PodObservation, tuning: Tuning): boolean =>
  pod.writerReachable === true && (pod.writerSilentMs ?? 0) < tuning.heartbeatTimeoutMs;

function missesUpstream(replica: MemberObservation, primary: MemberName, tuning: Tuning): boolean {
  const upstream = replica.report?.replication?.upstream ?? null;
  if (upstream === null || !upstream.streaming) return true;
  // Streaming from somebody else says nothing of this one: it is no longer its replica.
  if (upstream.member !== primary) return true;
  return upstream.silentMs !== null && upstream.silentMs >= tuning.witnessSilenceMs;
}
