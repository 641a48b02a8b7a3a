import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { MemberInput } from '../../../partition/objects/member-input.ts';
import { memberInputOf } from '../../../partition/objects/member-input-of.ts';
import { databaseFor } from '../../members/database-for.ts';
import { partitionGroup } from '../caches/group-of.ts';
import type { Leading } from '../leading.ts';
import type { ClusterRuntime } from '../runtime/cluster-runtime.ts';

/** `declined`: what of the spec is not in it, and what to do about it; null: nothing. */
export type MemberBuild = { readonly build: MemberInput; readonly declined: string | null };

/** What the members of a partition and all around them are made of: the spec, the operator's defaults, what is there. */
export function memberBuild(
  partition: MailboxPartition,
  { caches, configuration }: Leading,
  { keys }: ClusterRuntime,
): MemberBuild {
  const { publicKeys, agentToken } = keys;
  const asked = memberInputOf(partition, configuration, { operatorKeys: publicKeys, agentToken });
  const { database, declined } = databaseFor(asked.database, caches.volumeClaims.of(partitionGroup(partition)));
  return { build: { ...asked, database }, declined };
}
