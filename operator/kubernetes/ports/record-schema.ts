import { Type } from 'typebox';
import { CopiedBy } from '#contract/agent-report.ts';
import type { MemberName } from '#contract/names.ts';
import { STEPS } from '#crds/partition-status.ts';
import type { PhaseTimes } from '../../partition/operation.ts';

/**
 * Shape of a PartitionRecord, for what is read back: it has lain where people can write. Further fields are let pass: a newer
 * operator may have written them.
 */
const Time = Type.Number({ minimum: 0 });
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Member = Type.Unsafe<MemberName>(Type.String({ minLength: 1, maxLength: 63 }));
const Members = Type.Array(Member);
const MaybeText = Type.Union([Type.String(), Type.Null()]);
const MaybeMember = Type.Union([Member, Type.Null()]);
const MaybeNumber = Type.Union([Type.Number(), Type.Null()]);
const oneOf = <const Names extends readonly string[]>(...names: Names) =>
  Type.Unsafe<Names[number]>(Type.Union(names.map((name) => Type.Literal(name))));

const SynchronousSet = Type.Object({ required: Count, members: Members });
const Phases = Type.Unsafe<PhaseTimes>(Type.Record(Type.String(), Type.Number()));
const Mark = Type.Object({ received: Type.String(), timeline: Count });
const Survivor = Type.Object({
  member: Member,
  received: Type.String(),
  applied: Type.String(),
  timeline: Count,
  mayLack: Type.Optional(Type.Literal(true)),
});

const Operation = Type.Object({
  kind: oneOf('Bootstrap', 'Failover', 'Switchover', 'Reinstate'),
  step: oneOf(...STEPS),
  epoch: Count,
  from: MaybeMember,
  candidate: MaybeMember,
  losers: Type.Array(Type.Object({ member: Member, lastEpoch: Count })),
  survivors: Type.Array(Survivor),
  attached: Members,
  synchronous: Type.Union([SynchronousSet, Type.Null()]),
  mark: MaybeText,
  stopConfirmed: Type.Boolean(),
  leasesUntil: MaybeNumber,
  acceptDataLoss: Type.Boolean(),
  reason: Type.String(),
  startedAt: Time,
  lostUpTo: MaybeNumber,
  yielded: Type.Optional(Type.Object({ member: Member, lastEpoch: Count, untold: Type.Boolean() })),
  phases: Phases,
});

const FinishedChange = Type.Object({
  kind: oneOf('Failover', 'Switchover'),
  from: Member,
  to: Member,
  epoch: Count,
  reason: Type.String(),
  startedAt: Time,
  finishedAt: Time,
  phases: Phases,
  lostUpTo: MaybeNumber,
  salvaged: Type.Unknown(),
});

const Rejoining = Type.Object({
  member: Member,
  step: oneOf('follow', 'salvage', 'rewind', 'clone'),
  lastEpoch: Count,
  since: Time,
  problem: MaybeText,
  donor: Type.Optional(Member),
  takesNoDonor: Type.Optional(Type.Boolean()),
});

const MemberLine = Type.Object({
  name: Member,
  role: oneOf('primary', 'replica', 'none'),
  reachable: Type.Boolean(),
  timeline: Type.Union([Count, Type.Null()]),
  errant: Type.Optional(Type.String()),
  copiedBy: Type.Optional(CopiedBy),
});

const Condition = Type.Object({
  type: Type.String(),
  status: oneOf('True', 'False', 'Unknown'),
  reason: Type.String(),
  message: Type.String(),
  lastTransitionTime: Time,
});

export const RecordSchema = Type.Object({
  epoch: Count,
  primary: MaybeMember,
  servedEpoch: Count,
  phase: oneOf('Creating', 'Healthy', 'FailingOver', 'Switching', 'Degraded', 'Blocked', 'Paused'),
  operation: Type.Union([Operation, Type.Null()]),
  synchronous: SynchronousSet,
  schema: Type.Object({
    version: MaybeText,
    mark: Type.Union([Mark, Type.Null()]),
    since: Time,
    problem: MaybeText,
  }),
  target: Type.Union([Type.Object({ epoch: Count, writer: MaybeMember, readers: Members }), Type.Null()]),
  forks: Type.Array(Type.Object({ epoch: Count, member: Member, uidGap: Count, at: Time })),
  rejoining: Type.Array(Rejoining),
  members: Type.Array(MemberLine),
  lastChange: Type.Union([FinishedChange, Type.Null()]),
  promotions: Type.Array(Time),
  conditions: Type.Array(Condition),
});
