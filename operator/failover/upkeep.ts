import type { MemberCommand } from '#contract/agent-command.ts';
import type { MemberName } from '#contract/names.ts';
import { isLoser, type Operation } from '../partition/operation.ts';
import { memberSpec, othersThan, type PartitionSpec } from '../partition/partition-spec.ts';
import type { PartitionRecord, RejoinStep, SynchronousSet } from '../partition/record.ts';
import { promiseDuring, sameSet, wantedSet } from '../partition/synchronous-set.ts';
import type { EvidenceInput } from './evidence.ts';
import { type MemberObservation, streamsFrom } from './observation.ts';

/** What keeps a served partition whole, none of it a change of primary. */
export type UpkeepAction =
  /** Sent in the background, one at a time per member, with back-off. */
  | { readonly kind: 'command'; readonly member: MemberName; readonly command: MemberCommand }
  /** The next recorded step of a member's way back, in the background. */
  | { readonly kind: 'rejoin'; readonly member: MemberName }
  /** Put the member on its way back. */
  | { readonly kind: 'admit'; readonly member: MemberName; readonly step: RejoinStep }
  /** Record a weaker promise before the server gives it. */
  | { readonly kind: 'recordSet'; readonly set: SynchronousSet }
  /** Change the server's set; where that strengthens the promise, verify it by a barrier and then record it. */
  | { readonly kind: 'applySet'; readonly member: MemberName; readonly set: SynchronousSet };

/** Actions for a partition whose primary is, or is about to be, serving. Empty where all is well (I11). */
export function upkeep(input: EvidenceInput): UpkeepAction[] {
  const { spec, record, observation } = input;
  const primary = record.primary === null ? undefined : observation.members.get(record.primary);
  if (primary === undefined || !primary.connected || primary.report === null) return [];
  const grant = grantPrimary(record, primary);
  const others = othersThan(spec, primary.name).map((member) => observation.members.get(member.name));
  // With the primary down too: its barrier waits for replicas that may have been down with it.
  const replicas = others.flatMap((member) =>
    member?.connected === true ? tend(member, { spec, record, primary: primary.name, serving: grant === null }) : [],
  );
  return grant === null ? [...tendSet(input), ...replicas] : [grant, ...replicas];
}

/**
 * While a change waits for replicas: brings those back that could fulfil what it waits for. Without it, a candidate all
 * of whose replicas have diverged would wait for ever.
 */
export function upkeepDuring(operation: Operation, { spec, record, observation }: EvidenceInput): UpkeepAction[] {
  const { candidate } = operation;
  if (candidate === null || !['follow', 'stamp', 'retarget'].includes(operation.step)) return [];
  const admitted = (name: MemberName): boolean => record.rejoining.some((entry) => entry.member === name);
  return othersThan(spec, candidate)
    .filter(({ name }) => admitted(name) || !isLoser(operation, name))
    .flatMap(({ name }) => {
      const member = observation.members.get(name);
      return member?.connected === true ? tend(member, { spec, record, primary: candidate, serving: true }) : [];
    });
}

/** Starts the primary where it is down, and lets mail in; the agent puts a barrier before that. */
function grantPrimary(record: PartitionRecord, primary: MemberObservation): UpkeepAction | null {
  const { report } = primary;
  if (report === null || report.state === 'working' || report.state === 'starting') return null;
  if (report.state === 'running' && report.grantedEpoch === record.epoch && report.fence === null) return null;
  return { kind: 'command', member: primary.name, command: { kind: 'grant' } };
}

type Tending = {
  readonly spec: PartitionSpec;
  readonly record: PartitionRecord;
  readonly primary: MemberName;
  readonly serving: boolean;
};

function tend(member: MemberObservation, { spec, record, primary, serving }: Tending): UpkeepAction[] {
  const { name, report } = member;
  if (report === null || report.state === 'working' || report.state === 'starting') return [];
  if (record.rejoining.some((entry) => entry.member === name)) return serving ? [{ kind: 'rejoin', member: name }] : [];
  if (report.state === 'empty') return [{ kind: 'admit', member: name, step: 'clone' }];
  // A primary that is not ours: promoted by hand, or an older one that nobody has recorded. It may hold mail.
  if (report.replication?.role === 'primary') return [{ kind: 'admit', member: name, step: 'follow' }];
  if ((report.rebuild ?? null) !== null) return [{ kind: 'admit', member: name, step: 'rewind' }];
  if (report.state === 'running' && streamsFrom(member, primary)) return [];
  const upstream = { member: primary, endpoint: memberSpec(spec, primary).endpoint };
  return [{ kind: 'command', member: name, command: { kind: 'follow', upstream } }];
}

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
  const allowed = promiseDuring(record.synchronous, wanted);
  if (!sameSet(allowed, record.synchronous)) return [{ kind: 'recordSet', set: allowed }];
  if (sameSet(applied, wanted) && sameSet(record.synchronous, wanted)) return [];
  // A set that nobody can fulfil would stop all writing: strengthen only when enough are there.
  if (wanted.required > record.synchronous.required && attached.length < wanted.required) return [];
  return [{ kind: 'applySet', member: primary, set: wanted }];
}
