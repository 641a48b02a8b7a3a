import { codes } from '#runtime/error-codes.ts';
import type { Decision } from '../failover/decide.ts';
import { isServing, type Observation, streamsFrom } from '../failover/observation.ts';
import { othersThan, type PartitionSpec } from './partition-spec.ts';
import type { Condition, PartitionRecord, Phase } from './record.ts';

export type SettleInput = {
  readonly spec: PartitionSpec;
  readonly record: PartitionRecord;
  readonly observation: Observation;
  readonly decision: Decision;
  /** imapd processes that do not obey the newest document. */
  readonly lagging: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
};

type Judged = Omit<Condition, 'lastTransitionTime'>;

export type ConditionsInput = SettleInput & { readonly phase: Phase; readonly quorumSafe: boolean };

/** The conditions of a partition; the time of transition stays while a condition's status does. */
export function conditionsOf(input: ConditionsInput): readonly Condition[] {
  const judged = [ready(input), replication(input), converged(input), quorum(input), blocked(input), rejoin(input)];
  return judged.map((condition) => {
    const before = input.record.conditions.find((old) => old.type === condition.type);
    const unchanged = before?.status === condition.status;
    return { ...condition, lastTransitionTime: unchanged ? before.lastTransitionTime : input.now };
  });
}

const judge = (type: string, holds: boolean, [reason, message]: readonly [string, string]): Judged => ({
  type,
  status: holds ? 'True' : 'False',
  reason,
  message,
});

function ready({ record, observation }: ConditionsInput): Judged {
  const serving = record.primary !== null && isServing(record, observation.members.get(record.primary));
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

function converged({ lagging }: ConditionsInput): Judged {
  const holds = lagging.length === 0;
  const code = holds ? 'TargetsConverged' : 'TargetsLagging';
  return judge('TargetsConverged', holds, [code, holds ? codes[code].what : `not yet: ${lagging.join(', ')}`]);
}

function quorum({ quorumSafe, record }: ConditionsInput): Judged {
  const { required, members } = record.synchronous;
  const words = required === 0 ? 'commits wait for nobody' : `commits wait for ${required} of ${members.join(', ')}`;
  return judge('QuorumSafe', quorumSafe, [quorumSafe ? 'Safe' : 'Unsafe', words]);
}

function blocked({ decision }: ConditionsInput): Judged {
  const holds = decision.kind === 'blocked';
  return judge(
    'FailoverBlocked',
    holds,
    holds ? [decision.code, decision.why] : ['NotBlocked', 'nothing is in the way'],
  );
}

function rejoin({ record }: ConditionsInput): Judged {
  const stuck = record.rejoining.filter((entry) => entry.problem !== null);
  const words = stuck.map((entry) => `${entry.member} (${entry.step}): ${entry.problem}`).join('; ');
  const holds = stuck.length > 0;
  return judge('RejoinNeeded', holds, [holds ? 'RejoinNeeded' : 'NotNeeded', holds ? words : 'no member is stuck']);
}
