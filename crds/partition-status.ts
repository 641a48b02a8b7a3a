import { type Static, Type } from 'typebox';
import { conditions } from './condition.ts';
import { closed, label, mapOf, nullable, oneOf } from './fields.ts';

/**
 * `status` of a MailboxPartition: what people read. Computed from the operator's durable record, which lies elsewhere (a
 * ConfigMap, a file of the state folder: docs/adr/0007); nothing is decided by what stands here.
 */

/** Steps of a change of primary, in order. What each is for, and which change has which: `operator/failover/steps/steps.ts`. */
export const STEPS = [
  'confirm',
  'gate',
  'initialize',
  'clone',
  'fence',
  'elect',
  'catchUp',
  'promote',
  'follow',
  'stamp',
  'migrate',
  'retarget',
  'rejoin',
] as const;

const moment = (description: string) => Type.String({ format: 'date-time', maxLength: 40, description });
const member = (description: string) => nullable(Type.String({ maxLength: 63 }), description);
const count = (description: string) => Type.Integer({ minimum: 0, description });
const epochNumber = (description: string) => Type.Integer({ minimum: 0, description });

const Phases = Type.Record(Type.String(), count('Milliseconds.'), {
  maxProperties: 32,
  description:
    'Milliseconds spent in each step; `detect` is from the last sign of life of the primary to the decision.',
});

const Salvaged = Type.Record(Type.String(), count('Number of messages.'), {
  maxProperties: 16,
  description: 'Result of the salvage of the old primary.',
});

const changeFields = {
  kind: oneOf(['Bootstrap', 'Failover', 'Switchover', 'Reinstate'], {
    description:
      'First primary, unplanned change, planned change, or the old primary going on after a change was given up.',
  }),
  from: member('The primary before; null at the creation of the partition.'),
  to: member('The candidate, and in the end the primary; null until elected.'),
  epoch: epochNumber('Epoch that begins with the change.'),
  reason: Type.String({ maxLength: 1024, description: 'Why, for people.' }),
  startedAt: moment('When it was decided.'),
  phases: Phases,
};

/** A change of primary that is under way. */
export const RunningChange = closed(
  {
    ...changeFields,
    acceptDataLoss: Type.Boolean({ description: 'A person allowed the loss of acknowledged changes.' }),
  },
  { description: 'The change of primary that is under way.' },
);
export type RunningChange = Static<typeof RunningChange>;

/** The last change of primary that ended. */
export const FinishedChange = closed(
  {
    ...changeFields,
    finishedAt: moment('When every imapd obeyed the new target.'),
    lostUpTo: nullable(
      Type.Number({ minimum: 0 }),
      'Async: bound, in seconds, of what was acknowledged and lost. 0: nothing. null: unknown.',
    ),
    salvaged: nullable(Salvaged, 'What the salvage of the old primary brought back; null until it is done.'),
  },
  { description: 'The last change of primary.' },
);
export type FinishedChange = Static<typeof FinishedChange>;

/** One server as `status` shows it. Lively figures (positions, lag) would be a write to the API each second. */
export const MemberStatus = closed(
  {
    name: label('Name of the member.'),
    role: oneOf(['primary', 'replica', 'none'], { description: 'What it is at present.' }),
    reachable: Type.Boolean({ description: 'Whether it answers.' }),
    timeline: nullable(Type.Integer({ minimum: 0 }), 'Timeline of its log (PostgreSQL).'),
    copiedBy: Type.Optional(
      oneOf(['BaseBackup', 'Clone', 'MariadbBackup', 'Log'], {
        description:
          'How it came by its data: a base backup of PostgreSQL, CLONE of MySQL, mariadb-backup by the agent of whoever was copied, or all of the log. Absent: it was made empty.',
      }),
    ),
    /** A former primary waits here until it was salvaged and follows again. */
    rejoin: Type.Optional(
      oneOf(['Salvaging', 'Rewinding', 'Cloning', 'Following'], {
        description: 'Where a member stands that has to be brought back.',
      }),
    ),
    errant: Type.Optional(
      Type.String({
        maxLength: 512,
        description:
          'What only this member has (MariaDB, MySQL: its errant transactions, how many and which). Dropped by copying it anew, after its salvage.',
      }),
    ),
  },
  { description: 'One server. Written only when something changes; positions and lag are metrics.' },
);
export type MemberStatus = Static<typeof MemberStatus>;

const SynchronousSet = closed(
  {
    required: count('W: replicas that must have a change before it is acknowledged; 0 = asynchronous.'),
    members: Type.Array(Type.String({ maxLength: 63 }), {
      maxItems: 9,
      description: 'Out of these, and only these.',
    }),
  },
  {
    description:
      'The synchronous set that promotions are judged by (R + W > N). Recorded before it is weakened, after it is strengthened.',
  },
);
export type SynchronousSet = Static<typeof SynchronousSet>;

/** `status`: the operator's part, behind the status subresource. */
export const MailboxPartitionStatus = closed(
  {
    observedGeneration: Type.Optional(count('Generation of the spec that this status answers.')),
    epoch: Type.Optional(epochNumber('Epoch in force; + 1 at every change of primary, never reused.')),
    primary: Type.Optional(member('The member that is written to; null while there is none.')),
    phase: Type.Optional(
      oneOf(['Creating', 'Healthy', 'FailingOver', 'Switching', 'Degraded', 'Blocked', 'Paused'], {
        description: 'The state of the partition in one word.',
      }),
    ),
    step: Type.Optional(
      oneOf([...STEPS], {
        description: 'The step of the running change, on record before it is done; absent where none is running.',
      }),
    ),
    running: Type.Optional(nullable(RunningChange, 'The change of primary that is under way; null where none is.')),
    synchronous: Type.Optional(SynchronousSet),
    members: Type.Optional(
      mapOf(MemberStatus, 'name', { maxItems: 9, description: 'Every server of the repository.' }),
    ),
    lastFailover: Type.Optional(nullable(FinishedChange, 'The last change of primary that ended.')),
    conditions,
  },
  { description: 'What the operator has seen and is doing. Written by the operator alone.' },
);
export type MailboxPartitionStatus = Static<typeof MailboxPartitionStatus>;
