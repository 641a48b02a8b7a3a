import { partitionName } from '#contract/names.ts';
import { parseDuration } from '#crds/duration.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { parseQuantity } from '#crds/quantity.ts';
import { databaseTlsOf } from './database-tls-of.ts';
import type { MemberSpec, PartitionSpec } from './partition-spec.ts';

/** What a manifest does not say: where its servers are, and what its cluster decides. */
export type AroundPartition = {
  readonly members: readonly MemberSpec[];
  readonly schema: string;
  readonly clusterPaused: boolean;
};

export function partitionSpecOf({ metadata, spec }: MailboxPartition, around: AroundPartition): PartitionSpec {
  const { repository, durability, failover, paused } = spec;
  const tls = databaseTlsOf(repository);
  return {
    name: partitionName(metadata.name),
    engine: repository.engine,
    database: repository.database,
    ...(repository.members === undefined ? {} : { control: 'sql' as const }),
    ...(tls === undefined ? {} : { tls }),
    schema: around.schema,
    members: around.members,
    retainedLogBytes: Math.round(parseQuantity(repository.managed?.retainedLog ?? '1Gi')),
    durability,
    failover: {
      mode: failover.mode,
      probeIntervalMs: parseDuration(failover.probeInterval),
      failureThreshold: failover.failureThreshold,
      maxLostSeconds: failover.maxLostSeconds,
      delayMs: parseDuration(failover.delay),
      uidGap: failover.uidGap,
    },
    paused: paused || around.clusterPaused,
  };
}
