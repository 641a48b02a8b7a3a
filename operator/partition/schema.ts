import { holds, type LogPosition } from '../engine/compare-positions.ts';
import type { MemberObservation } from '../failover/observation/observation.ts';
import type { Operation } from './operation.ts';
import type { PartitionSpec } from './partition-spec.ts';
import type { PartitionRecord, PublishedTarget } from './record.ts';

/**
 * What is known of the mail schema of a repository. imapd processes are never shown a database whose schema is older than
 * their own: until the primary has been migrated, and a replica has applied that, they are told of neither.
 */
export type SchemaState = {
  /** What the primary was last brought to, as `PartitionSpec.schema` names it; null: it has to be looked at again. */
  readonly version: string | null;
  /** Where the log stood then. */
  readonly mark: LogPosition | null;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Why the last attempt failed; null where there was none or it succeeded. */
  readonly problem: string | null;
};

export const unknownSchema: SchemaState = { version: null, mark: null, since: 0, problem: null };

export const isSchemaCurrent = ({ schema }: PartitionRecord, spec: PartitionSpec): boolean =>
  schema.version === spec.schema;

/** What the routing document may say of a partition: nobody is named while the schema is not the one imapd expects. */
export function publishable(record: PartitionRecord, spec: PartitionSpec): PublishedTarget | null {
  const { target } = record;
  if (target === null) return null;
  if (!isSchemaCurrent(record, spec)) return { ...target, writer: null, readers: [] };
  const isKnown = (name: string): boolean => spec.members.some((member) => member.name === name);
  // Where one is that a person took out of the list, nobody could be told.
  if (target.writer === null || isKnown(target.writer)) return target;
  return { ...target, writer: null, readers: target.readers.filter(isKnown) };
}

/** Whether a replica has applied the newest migration. */
export function showsSchema({ report }: MemberObservation, { schema }: PartitionRecord): boolean {
  if (schema.mark === null) return true;
  const replication = report?.replication ?? null;
  if (replication === null) return false;
  const { timeline, applied } = replication;
  return applied !== null && holds({ timeline, received: applied }, schema.mark);
}

/** The bound on a loss is an estimate from samples a second apart, and so is the moment of a death. */
const SLACK_MS = 10_000;

/**
 * What a change of primary leaves of that knowledge: a migration that may have been among what was lost is looked for
 * again. What a quorum has acknowledged was not.
 */
export function schemaAfter(record: PartitionRecord, operation: Operation): SchemaState {
  const { schema, synchronous } = record;
  const { kind, acceptDataLoss, lostUpTo, startedAt, phases } = operation;
  if (kind !== 'Failover' || (synchronous.required > 0 && !acceptDataLoss)) return schema;
  const lostSince = lostUpTo === null ? 0 : startedAt - (phases.detect ?? 0) - lostUpTo * 1_000 - SLACK_MS;
  return schema.since < lostSince ? schema : { ...schema, version: null };
}
