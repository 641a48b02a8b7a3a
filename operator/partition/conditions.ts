import type { ConditionType, ReasonOf } from '#crds/condition-table.ts';
import { codes } from '#runtime/error-codes.ts';
import { chooseAdopted } from '../failover/choose-adopted.ts';
import type { Decision } from '../failover/decide.ts';
import { hindranceOf } from '../failover/hindrance-of.ts';
import { assess } from '../failover/observation/evidence.ts';
import { isServing, type Observation, streamsFrom } from '../failover/observation/observation.ts';
import { primaryLeftOut } from '../failover/primary-left-out.ts';
import type { Convergence } from '../targets/lagging-watch.ts';
import type { Tuning } from '../tuning.ts';
import { othersThan, type PartitionSpec } from './partition-spec.ts';
import type { Condition, PartitionRecord, Phase } from './record.ts';
import { isSchemaCurrent } from './schema.ts';

export type SettleInput = {
  readonly spec: PartitionSpec;
  readonly record: PartitionRecord;
  readonly observation: Observation;
  readonly tuning: Tuning;
  readonly decision: Decision;
  readonly convergence: Convergence;
  /** Milliseconds since 1970. */
  readonly now: number;
};

type Judged = Omit<Condition, 'lastTransitionTime'>;

export type ConditionsInput = SettleInput & { readonly phase: Phase; readonly quorumSafe: boolean };

/** The conditions of a partition; the time of transition stays while a condition's status does. */
export function conditionsOf(input: ConditionsInput): readonly Condition[] {
  const judgements = [ready, replication, converged, quorum, schema, blocked, rejoin];
  const judged = (input.spec.control === 'sql' ? [...judgements, usable] : judgements).map((judgement) =>
    judgement(input),
  );
  return judged.map((condition) => {
    const before = input.record.conditions.find((old) => old.type === condition.type);
    const unchanged = before?.status === condition.status;
    return { ...condition, lastTransitionTime: unchanged ? before.lastTransitionTime : input.now };
  });
}

const judge = <T extends ConditionType>(
  type: T,
  holds: boolean,
  [reason, message]: readonly [ReasonOf<T>, string],
): Judged => ({
  type,
  status: holds ? 'True' : 'False',
  reason,
  // What a job or a server said may be long.
  message: message.slice(0, LONGEST_MESSAGE),
});

/** Of what `status` takes, which is 32,768 characters, as much as anybody reads. */
const LONGEST_MESSAGE = 2_000;

function ready(input: ConditionsInput): Judged {
  const { record, observation, spec } = input;
  const { primary } = record;
  const serving = primary !== null && isServing(record, observation.members.get(primary));
  if (serving && !isSchemaCurrent(record, spec)) {
    return judge('Ready', false, ['SchemaOutdated', `${record.primary} serves no imapd before its schema is current`]);
  }
  // How many probes have failed by now is not said: the record would be written at each of them.
  if (serving && assess(primary, input).state !== 'alive') {
    return judge('Ready', false, ['NoAnswer', `${record.primary} may serve writes and does not answer`]);
  }
  const holds = serving && record.operation === null;
  return judge('Ready', holds, holds ? ['Serving', `${record.primary} serves writes`] : ['NoWriter', 'no writer']);
}

function replication({ record, observation, spec }: ConditionsInput): Judged {
  const { primary } = record;
  const missing = othersThan(spec, primary)
    .filter(({ name }) => {
      const member = observation.members.get(name);
      return primary === null || member === undefined || !streamsFrom(member, primary);
    })
    .map((member) => member.name);
  const holds = missing.length === 0;
  const words = holds ? 'every replica streams' : `${missing.join(', ')} does not stream from the primary`;
  return judge('ReplicationHealthy', holds, [holds ? 'Streaming' : 'NotStreaming', words]);
}

function converged({ convergence, record }: ConditionsInput): Judged {
  const { lagging, overdue } = convergence;
  const before = record.conditions.find(({ type }) => type === 'TargetsConverged');
  // Each document is under way to each process for a moment: told of every partition, that would be most of what is written.
  if (before !== undefined && lagging.length > 0 && overdue.length === 0) return before;
  const holds = lagging.length === 0;
  const code = holds ? 'TargetsConverged' : 'TargetsLagging';
  const late = overdue.length > 0 ? overdue : lagging;
  return judge('TargetsConverged', holds, [code, holds ? codes[code].what : `not yet: ${late.join(', ')}`]);
}

function quorum({ quorumSafe, record }: ConditionsInput): Judged {
  const { required, members } = record.synchronous;
  if (record.primary === null) return judge('QuorumSafe', false, ['NoPrimary', 'there is no primary yet']);
  const words = required === 0 ? 'commits wait for nobody' : `commits wait for ${required} of ${members.join(', ')}`;
  return judge('QuorumSafe', quorumSafe, [quorumSafe ? 'Safe' : 'Unsafe', words]);
}

function schema({ record, spec }: ConditionsInput): Judged {
  const { problem } = record.schema;
  if (isSchemaCurrent(record, spec)) return judge('SchemaCurrent', true, ['Current', `schema ${spec.schema}`]);
  if (problem !== null) return judge('SchemaCurrent', false, ['MigrationFailed', problem]);
  return judge('SchemaCurrent', false, ['Migrating', `not yet at schema ${spec.schema}, which imapd expects`]);
}

function blocked({ decision }: ConditionsInput): Judged {
  const hindrance = hindranceOf(decision);
  const words = hindrance === null ? (['NotBlocked', 'nothing is in the way'] as const) : hindrance;
  return judge('FailoverBlocked', hindrance !== null, words);
}

/** Servers that somebody else runs, and what that somebody has to mend. */
function usable({ record, observation, spec }: ConditionsInput): Judged {
  const problems = spec.members.flatMap(({ name }) => {
    const problem = observation.members.get(name)?.problem ?? null;
    return problem === null ? [] : [{ ...problem, message: `${name}: ${problem.message}` }];
  });
  const leftOut = primaryLeftOut(spec, record);
  if (leftOut !== null) return judge('MembersUsable', false, ['PrimaryLeftOut', leftOut]);
  const [first] = problems;
  if (first !== undefined) {
    return judge('MembersUsable', false, [first.code, problems.map(({ message }) => message).join('; ')]);
  }
  const found = record.primary === null && record.operation === null ? chooseAdopted(spec, observation) : null;
  if (found !== null && 'why' in found) return judge('MembersUsable', false, ['NotAdopted', found.why]);
  return judge('MembersUsable', true, ['Usable', 'every server can be worked with']);
}

function rejoin({ record }: ConditionsInput): Judged {
  const stuck = record.rejoining.filter((entry) => entry.problem !== null);
  const errant = (name: string): string => {
    const alone = record.members.find((line) => line.name === name)?.errant;
    return alone === undefined ? '' : `; it alone has ${alone}`;
  };
  const words = stuck
    .map((entry) => `${entry.member} (${entry.step}): ${entry.problem}${errant(entry.member)}`)
    .join('; ');
  const holds = stuck.length > 0;
  return judge('RejoinNeeded', holds, [holds ? 'RejoinNeeded' : 'NotNeeded', holds ? words : 'no member is stuck']);
}
