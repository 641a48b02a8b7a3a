import type { MemberName, PartitionName } from '#contract/names.ts';
import type { MemberSighting } from '../ports.ts';
import type { PartitionRecord, PublishedTarget } from './record.ts';

/** One member at this moment; what is too lively for the record. */
export type MemberNow = MemberSighting & {
  readonly name: MemberName;
  /** Seconds behind the primary by the newest sample; null where unknown. 0 for the primary. */
  readonly lagSeconds: number | null;
};

/** A partition as `status()` shows it: the durable record, and the moment. */
export type PartitionView = {
  readonly name: PartitionName;
  readonly record: PartitionRecord;
  /** What imapd processes are told. */
  readonly target: PublishedTarget | null;
  readonly members: readonly MemberNow[];
  /** Why nothing is done although something is wrong; null otherwise. */
  readonly waitingFor: string | null;
};
