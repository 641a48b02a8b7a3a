import type { CopiedBy } from '#contract/agent-report.ts';
import type { MemberName } from '#contract/names.ts';
import type { Target } from '#contract/routing-document.ts';
import type { Operation, PhaseTimes } from './operation.ts';
import { type SchemaState, unknownSchema } from './schema.ts';

/**
 * The durable record of a partition: what a new operator needs to go on where the last one was killed. Saved by
 * compare-and-set. `status` of the MailboxPartition is computed from it. Nothing in it changes while
 * nothing happens: positions, lag and heartbeats are metrics.
 */
export type PartitionRecord = {
  /** Highest epoch ever used, whether its change came to anything or not. Written before it is used. */
  readonly epoch: number;
  /** The member that serves writes or is to serve them again; null before the first one is made. */
  readonly primary: MemberName | null;
  /** The epoch under which `primary` was last granted; below `epoch` while a change is under way. */
  readonly servedEpoch: number;
  readonly phase: Phase;
  /** The change under way, with the step that is about to run or running. */
  readonly operation: Operation | null;
  readonly synchronous: SynchronousSet;
  readonly schema: SchemaState;
  /**
   * What the routing document says of this partition while its schema is current (`publishable`); null before it has ever
   * been served.
   */
  readonly target: PublishedTarget | null;
  /** The newest. */
  readonly forks: readonly Fork[];
  /** Members on their way back, in no particular order. */
  readonly rejoining: readonly Rejoining[];
  readonly members: readonly MemberLine[];
  readonly lastChange: FinishedChange | null;
  /** When recent unplanned promotions ended: the memory of the rule against flapping. */
  readonly promotions: readonly number[];
  readonly conditions: readonly Condition[];
};

export type Phase = 'Creating' | 'Healthy' | 'FailingOver' | 'Switching' | 'Degraded' | 'Blocked' | 'Paused';

/**
 * N and W of the promotion rule R + W > N: commits wait for `required` (W) of `members` (N). Recorded before it is
 * weakened, and only after it was applied and verified when it is strengthened, so that the record never promises more
 * than the server kept.
 */
export type SynchronousSet = { readonly required: number; readonly members: readonly MemberName[] };

export type PublishedTarget = Pick<Target, 'epoch'> & {
  readonly writer: MemberName | null;
  readonly readers: readonly MemberName[];
};

/** An unplanned promotion: from here on identifiers jump by `uidGap`. */
export type Fork = {
  readonly epoch: number;
  readonly member: MemberName;
  readonly uidGap: number;
  /** Milliseconds since 1970. */
  readonly at: number;
};

/**
 * The way back of a member; each step is on record before it runs.
 *
 *   former primary   follow ──diverged──▶ salvage ─▶ rewind ──unavailable──▶ clone
 *   replica          follow ──diverged──▶ rewind ──unavailable──▶ clone
 *   empty member     clone
 *
 * A former primary that can follow had nothing that the new one lacks.
 */
export type Rejoining = {
  readonly member: MemberName;
  readonly step: RejoinStep;
  /** Under which it last served writes; salvage looks above the fork that followed it. 0: it served none. */
  readonly lastEpoch: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Why it does not get on; null while it does. */
  readonly problem: string | null;
  /** The replica that it is being copied from, or was at the last try; absent: the primary. */
  readonly donor?: MemberName;
  /** Its agent cannot copy one server and follow another. */
  readonly takesNoDonor?: boolean;
};

export type RejoinStep = 'follow' | 'salvage' | 'rewind' | 'clone';

/** As in `status.members`. */
export type MemberLine = {
  readonly name: MemberName;
  readonly role: 'primary' | 'replica' | 'none';
  readonly reachable: boolean;
  readonly timeline: number | null;
  /** What only this member has, until it was salvaged and copied anew. */
  readonly errant?: string;
  /** How it came by its data, where its agent has told. */
  readonly copiedBy?: CopiedBy;
};

export type FinishedChange = {
  readonly kind: 'Failover' | 'Switchover';
  readonly from: MemberName;
  readonly to: MemberName;
  readonly epoch: number;
  readonly reason: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly phases: PhaseTimes;
  /** Seconds; 0 = nothing acknowledged was lost, null = unknown. */
  readonly lostUpTo: number | null;
  /** What `imapd salvage` said; null until it has run. */
  readonly salvaged: unknown;
};

export type Condition = {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since 1970; of the last change of `status`. */
  readonly lastTransitionTime: number;
};

/** A partition nobody has touched yet. */
export const newRecord: PartitionRecord = {
  epoch: 0,
  primary: null,
  servedEpoch: 0,
  phase: 'Creating',
  operation: null,
  synchronous: { required: 0, members: [] },
  schema: unknownSchema,
  target: null,
  forks: [],
  rejoining: [],
  members: [],
  lastChange: null,
  promotions: [],
  conditions: [],
};
