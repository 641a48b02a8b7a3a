import type { MemberName } from '#contract/names.ts';
import type { StepName } from '../failover/steps/steps.ts';
import type { SynchronousSet } from './record.ts';

/** Milliseconds per step; `detect` is from the last sign of life of the primary to the decision. */
export type PhaseTimes = Readonly<Partial<Record<StepName | 'detect', number>>>;

/** Where a survivor stood when it had been detached from the old primary. */
export type Survivor = {
  readonly member: MemberName;
  readonly received: string;
  readonly applied: string;
  readonly timeline: number;
  /** As in its report. */
  readonly mayLack?: true | undefined;
};

/**
 * May have taken writes, under `lastEpoch` at the latest, so it must be dead or fenced and is salvaged afterwards.
 * `lastEpoch` 0: it was a candidate that never served.
 */
export type Loser = { readonly member: MemberName; readonly lastEpoch: number };

/**
 * The old primary of a planned change whose successor was lost in its last step. It was stopped in good order after writing had
 * ended at `mark`, so that it is a replica like the others, with a vote; a loser only where whoever is elected lacks what it has.
 */
export type Yielded = Loser & {
  /** No imapd process was told of the successor: nobody has written since the mark. */
  readonly untold: boolean;
};

/**
 * A change under way. Only one at a time; `step` is what is done next or being done, and everything before it has
 * been done and needs no second look.
 *
 *   Bootstrap    first primary of a new repository
 *   Failover     unplanned: a replica takes over from `from`
 *   Switchover   planned: `candidate` takes over from `from`, nothing is lost
 *   Reinstate    a failover or switchover that was given up: `from` goes on, under a further epoch
 */
export type Operation = {
  readonly kind: 'Bootstrap' | 'Failover' | 'Switchover' | 'Reinstate';
  readonly step: StepName;
  /** The epoch that begins. */
  readonly epoch: number;
  readonly from: MemberName | null;
  /** Elected, or chosen by a person; null before that. A different candidate means a further epoch. */
  readonly candidate: MemberName | null;
  /** `from`, and candidates that failed. */
  readonly losers: readonly Loser[];
  readonly survivors: readonly Survivor[];
  /** Members that have been seen to follow the candidate. The others prove it before they count again. */
  readonly attached: readonly MemberName[];
  /** The set that the candidate is promoted with; it is the record's from the grant on. */
  readonly synchronous: SynchronousSet | null;
  /** Planned, or after a planned one: where the old primary stood when writing had ended; a planned candidate must have it. */
  readonly mark: string | null;
  /** The old server is known to be dead: by the word of its own agent, or of what ran that. */
  readonly stopConfirmed: boolean;
  /** Async: writes under a lease may go on until then (milliseconds since 1970); null = none outstanding. */
  readonly leasesUntil: number | null;
  /** A person allowed the loss of acknowledged changes. */
  readonly acceptDataLoss: boolean;
  readonly reason: string;
  readonly startedAt: number;
  readonly lostUpTo: number | null;
  /**
   * Where nobody else acknowledged (Async): by how many seconds at most each replica was behind when it began. Who is
   * elected is held against it: the best one at the gate may be out of reach by then. Absent in a record of before.
   */
  readonly lags?: Readonly<Record<MemberName, number>> | undefined;
  /** Planned: `from` is about to end, so that nobody counts on it as a replica. Absent: it stays. */
  readonly fromLeaves?: boolean | undefined;
  readonly yielded?: Yielded | undefined;
  readonly phases: PhaseTimes;
};

/** Identifiers jump: somebody may have been told some that the candidate does not know. */
export const isFork = ({ kind, yielded }: Operation): boolean => kind === 'Failover' && yielded?.untold !== true;

export const isLoser = (operation: Operation, member: MemberName): boolean =>
  operation.losers.some((loser) => loser.member === member);
