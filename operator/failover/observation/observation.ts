import type { AgentReport } from '#contract/agent-report.ts';
import type { MemberName } from '#contract/names.ts';
import type { RepositoryView } from '#contract/push-api.ts';
import type { ContactFailure, MemberProblem, PlatformSighting } from '../../ports.ts';
import { endOf } from './platform-word.ts';

/** One member as it looks at the moment of a decision. */
export type MemberObservation = {
  readonly name: MemberName;
  readonly connected: boolean;
  readonly failure: ContactFailure | null;
  /** Milliseconds since the newest report; null where there was none. */
  readonly silentMs: number | null;
  readonly report: AgentReport | null;
  readonly problem?: MemberProblem | null | undefined;
  readonly platform?: PlatformSighting | null | undefined;
};

/** What one imapd process says of this repository. */
export type PodObservation = RepositoryView & { readonly pod: string; readonly ageMs: number };

/** A person's wish. */
export type Request =
  | { readonly kind: 'switchover'; readonly to: MemberName | null }
  | { readonly kind: 'failover'; readonly acceptDataLoss: boolean; readonly reason: string };

/**
 * What both servers do before a planned change from `from` to `to` begins, and since when. `ended`: with success or not, more
 * does not come of it.
 */
export type Preparation = {
  readonly from: MemberName;
  readonly to: MemberName;
  readonly ended: boolean;
  readonly ageMs: number;
};

/**
 * Everything `decide` looks at besides spec and record. All times are ages, so that no clock is needed to judge them.
 */
export type Observation = {
  readonly members: ReadonlyMap<MemberName, MemberObservation>;
  readonly pods: readonly PodObservation[];
  /** Last known lag behind the primary in seconds, from the time when it lived; a member that is not in it is unknown. */
  readonly lagSeconds: ReadonlyMap<MemberName, number>;
  /** How long ago the primary was last seen alive and well; null while it is. */
  readonly primaryDownMs: number | null;
  /** How much of the time that bringing the primary back in place may take is spent; null where none is. */
  readonly restartingMs: number | null;
  /** For how long fewer replicas have been attached than commits wait for; null while enough are. */
  readonly degradedMs: number | null;
  readonly request: Request | null;
  /** How long ago that was asked for; null where nothing is. */
  readonly requestMs: number | null;
  /** The last that was begun since a change of primary, or a refusal; null where none was. */
  readonly preparation: Preparation | null;
};

/** Failed probes in a row after which a server that runs passes for one that does not answer. */
const UNANSWERED_PROBES = 3;

/**
 * Its processes are there and nobody gets an answer. What its agent reports of its replication is from before, and proves
 * nothing: a receiver that was frozen goes on calling itself streaming. `sql` is an answer.
 */
export function isHung({ connected, report }: MemberObservation, probes = UNANSWERED_PROBES): boolean {
  if (!connected || report?.state !== 'running') return false;
  const { consecutiveFailures, failure } = report.probe;
  return consecutiveFailures >= probes && failure !== null && failure !== 'sql';
}

/** A member that runs, answers and is a replica. */
export function isReplica(member: MemberObservation): boolean {
  const { connected, report } = member;
  if (!connected || endOf(member) !== null) return false;
  return report?.state === 'running' && report.replication?.role === 'replica' && !isHung(member);
}

/**
 * A server sends its replicas a sign of life at least every second (half of `wal_sender_timeout`); three are missed. A
 * receiver that stands still goes on calling itself streaming: only the silence tells.
 */
export const SILENT_UPSTREAM_MS = 3_000;

/** A replica that receives from `primary` right now. */
export function streamsFrom(member: MemberObservation, primary: MemberName): boolean {
  const upstream = member.report?.replication?.upstream;
  if (!isReplica(member) || upstream?.streaming !== true || upstream.member !== primary) return false;
  return upstream.silentMs === null || upstream.silentMs < SILENT_UPSTREAM_MS;
}

/** It may be elected, but what it shows says nothing of what it has acknowledged: where votes are counted it is one that is away. */
export const mayLack = ({ report }: MemberObservation): boolean => report?.replication?.mayLack === true;

/** The primary takes writes under `epoch`. */
export function isServing(record: { readonly epoch: number }, primary: MemberObservation | undefined): boolean {
  const report = primary?.connected === true ? primary.report : null;
  return report?.state === 'running' && report.grantedEpoch === record.epoch && report.fence === null;
}
