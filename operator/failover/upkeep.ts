import type { MemberCommand } from '#contract/agent-command.ts';
import type { AgentReport } from '#contract/agent-report.ts';
import type { MemberName } from '#contract/names.ts';
import type { Operation } from '../partition/operation.ts';
import { memberSpec, othersThan, type PartitionSpec } from '../partition/partition-spec.ts';
import type { PartitionRecord, RejoinStep, SynchronousSet } from '../partition/record.ts';
import { isSchemaCurrent } from '../partition/schema.ts';
import { promiseDuring, sameSet, wantedSet } from '../partition/synchronous-set.ts';
import { mayFollow } from './may-follow.ts';
import type { EvidenceInput, Verdict } from './observation/evidence.ts';
import { isHung, type MemberObservation, streamsFrom } from './observation/observation.ts';
import { isLeaving } from './observation/platform-word.ts';

/** What keeps a served partition whole, none of it a change of primary. */
export type UpkeepAction =
  /** Sent in the background, one at a time per member, with back-off. */
  | { readonly kind: 'command'; readonly member: MemberName; readonly command: MemberCommand }
  /** The next recorded step of a member's way back, in the background. */
  | { readonly kind: 'rejoin'; readonly member: MemberName }
  /** Bring the mail schema up to what imapd expects, in the background. */
  | { readonly kind: 'migrate'; readonly member: MemberName }
  /** Put the member on its way back. */
  | { readonly kind: 'admit'; readonly member: MemberName; readonly step: RejoinStep }
  /** Record a weaker promise before the server gives it. */
  | { readonly kind: 'recordSet'; readonly set: SynchronousSet }
  /** Change the server's set; where that strengthens the promise, verify it by a barrier and then record it. */
  | { readonly kind: 'applySet'; readonly member: MemberName; readonly set: SynchronousSet };

/**
 * Actions for a partition whose primary is, or is about to be, serving. Empty where all is well (I11). `verdict`: on the
 * primary; dead only where it was decided to bring it back in place.
 */
export function upkeep(input: EvidenceInput, verdict: Verdict): UpkeepAction[] {
  const { spec, record, observation } = input;
  const primary = record.primary === null ? undefined : observation.members.get(record.primary);
  if (primary === undefined || !primary.connected || primary.report === null) return [];
  const raise =
    verdict.state === 'dead' && verdict.revive === 'kill' ? kill(primary.name) : grantPrimary(record, primary);
  // Who follows whom is left alone; that the primary serves, and what its commits wait for, is not.
  if (spec.paused) return raise === null ? tendServing(primary.name, input) : [raise];
  const others = othersThan(spec, primary.name).map((member) => observation.members.get(member.name));
  const tending = { spec, record, primary: primary.name, upstream: primary, serving: raise === null };
  // With the primary down too: its barrier waits for replicas that may have been down with it.
  const replicas = others.flatMap((member) => (member?.connected === true ? tend(member, tending) : []));
  return raise === null ? [...tendServing(primary.name, input), ...replicas] : [raise, ...replicas];
}

/** Ends a server that runs and does not answer; it is started by what follows: a grant, or `follow`. */
export const kill = (member: MemberName): UpkeepAction => ({
  kind: 'command',
  member,
  command: { kind: 'stop', mode: 'kill' },
});

/** For a primary that is lost: gives replicas that hang, or were killed for it, their vote back. */
export function reviveReplicas(primary: MemberName, { spec, record, observation }: EvidenceInput): UpkeepAction[] {
  if (spec.paused) return [];
  return othersThan(spec, primary).flatMap(({ name }) => {
    const member = observation.members.get(name);
    if (member?.connected !== true || record.rejoining.some((entry) => entry.member === name)) return [];
    if (isHung(member, LONG_UNANSWERED_PROBES)) return spec.control === 'sql' ? [] : [kill(name)];
    return member.report?.state === 'stopped' ? [followPrimary(name, primary, spec)] : [];
  });
}

/**
 * Nobody is there to bear witness against a server that serves no writer (a replica, a candidate), so a longer silence has
 * to do: 6 s where probes time out.
 */
export const LONG_UNANSWERED_PROBES = 8;

const tendServing = (primary: MemberName, input: EvidenceInput): UpkeepAction[] => {
  const current = isSchemaCurrent(input.record, input.spec);
  return current ? tendSet(input) : [{ kind: 'migrate', member: primary }, ...tendSet(input)];
};

/**
 * While a change waits for replicas: brings those back that could fulfil what it waits for. Without it, a candidate all
 * of whose replicas have diverged would wait for ever.
 */
export function upkeepDuring(operation: Operation, { spec, record, observation }: EvidenceInput): UpkeepAction[] {
  const { candidate } = operation;
  // One that is reinstated waits for its replicas from its first command on.
  const waiting =
    operation.kind === 'Reinstate' ? ['promote', 'follow', 'stamp', 'retarget'] : ['follow', 'stamp', 'retarget'];
  if (candidate === null || !waiting.includes(operation.step)) return [];
  const yielding = (operation.kind === 'Switchover' ? operation.from : operation.yielded?.member) ?? null;
  const admitted = (name: MemberName): boolean => record.rejoining.some((entry) => entry.member === name);
  return othersThan(spec, candidate)
    .filter(({ name }) => admitted(name) || mayFollow(operation, name, observation))
    .flatMap(({ name }) => {
      const member = observation.members.get(name);
      const upstream = observation.members.get(candidate);
      const tending = { spec, record, primary: candidate, upstream, serving: true, yielding };
      return member?.connected === true ? tend(member, tending) : [];
    });
}

/** Starts the primary where it is down, and lets mail in; the agent puts a barrier before that. */
function grantPrimary(record: PartitionRecord, primary: MemberObservation): UpkeepAction | null {
  const { report } = primary;
  if (report === null || report.state === 'working' || report.state === 'starting') return null;
  // It ends in order; whoever comes after it under its name is started.
  if (isLeaving(primary) && report.state !== 'running') return null;
  if (report.state === 'running' && report.grantedEpoch === record.epoch && report.fence === null) return null;
  return { kind: 'command', member: primary.name, command: { kind: 'grant' } };
}

type Tending = {
  readonly spec: PartitionSpec;
  readonly record: PartitionRecord;
  readonly primary: MemberName;
  readonly upstream: MemberObservation | undefined;
  readonly serving: boolean;
  /** The old primary of a planned change: it has nothing of its own, stopped or not. */
  readonly yielding?: MemberName | null;
};

function tend(member: MemberObservation, tending: Tending): UpkeepAction[] {
  const { spec, record, primary, upstream, serving, yielding } = tending;
  const { name, report } = member;
  if (report === null || report.state === 'working' || report.state === 'starting' || isLeaving(member)) return [];
  if (isHung(member)) return mayKill(member, { spec, upstream }) ? [kill(name)] : [];
  if (record.rejoining.some((entry) => entry.member === name)) return serving ? [{ kind: 'rejoin', member: name }] : [];
  if (report.state === 'empty') return [{ kind: 'admit', member: name, step: 'clone' }];
  // A primary that is not ours: promoted by hand, or an older one that nobody has recorded. It may hold mail.
  if (report.replication?.role === 'primary' && name !== yielding)
    return [{ kind: 'admit', member: name, step: 'follow' }];
  if ((report.rebuild ?? null) !== null) return [{ kind: 'admit', member: name, step: 'rewind' }];
  if (report.state === 'running' && streamsFrom(member, primary) && !hasMoved(report, primary, spec)) return [];
  return [followPrimary(name, primary, spec)];
}

/**
 * It was told to follow the primary at an address that is another's by now, or nobody's. Its stream may still look alive: an
 * address that is taken away ends no connection.
 */
function hasMoved({ replication }: AgentReport, primary: MemberName, spec: PartitionSpec): boolean {
  const told = replication?.upstream?.endpoint;
  const { host, port } = memberSpec(spec, primary).endpoint;
  return told !== undefined && (told.host !== host || told.port !== port);
}

/** SQL ends no server: one that somebody else runs is waited for. */
const mayKill = (member: MemberObservation, { spec, upstream }: Pick<Tending, 'spec' | 'upstream'>): boolean =>
  spec.control !== 'sql' && isHung(member, LONG_UNANSWERED_PROBES) && !isFed(member.name, upstream);

/** Whoever still receives is not frozen but busy. */
const isFed = (name: MemberName, upstream: MemberObservation | undefined): boolean =>
  upstream?.report?.replication?.standbys.some((standby) => standby.member === name && standby.streaming) === true;

const followPrimary = (member: MemberName, primary: MemberName, spec: PartitionSpec): UpkeepAction => ({
  kind: 'command',
  member,
  command: { kind: 'follow', upstream: { member: primary, endpoint: memberSpec(spec, primary).endpoint } },
});

/** Brings record and server to the wanted set: a weaker promise is recorded first, a stronger one last. */
function tendSet({ spec, record, observation, tuning }: EvidenceInput): UpkeepAction[] {
  const report = record.primary === null ? null : observation.members.get(record.primary)?.report;
  const applied = report?.replication?.synchronous;
  // Replicas fall silent when a primary dies, too: that must weaken nothing while its death is being judged.
  if (record.primary === null || applied === undefined || report?.probe.consecutiveFailures !== 0) return [];
  const { primary } = record;
  const attached = [...observation.members.values()].filter((m) => streamsFrom(m, primary)).map((m) => m.name);
  const missed = (observation.degradedMs ?? 0) >= tuning.notStreamingMs;
  const wanted = wantedSet(spec, primary, missed ? attached : spec.members.map((member) => member.name));
  // Until the wanted set can be fulfilled, what is promised and kept goes on: a member that comes or goes weakens nothing.
  const there = wanted.members.filter((name) => attached.includes(name)).length;
  if (there < wanted.required && sameSet(applied, record.synchronous)) return [];
  const allowed = promiseDuring(record.synchronous, wanted, spec.engine);
  if (!sameSet(allowed, record.synchronous)) return [{ kind: 'recordSet', set: allowed }];
  if (sameSet(applied, wanted) && sameSet(record.synchronous, wanted)) return [];
  // A set that nobody can fulfil would stop all writing: strengthen only when enough are there.
  if (wanted.required > record.synchronous.required && attached.length < wanted.required) return [];
  return [{ kind: 'applySet', member: primary, set: wanted }];
}
