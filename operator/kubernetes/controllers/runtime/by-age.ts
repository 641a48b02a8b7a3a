import type { MailboxPartition } from '#crds/mailbox-partition.ts';

/** Milliseconds since 1970; what the server has not stored yet is the youngest. */
export const createdAt = ({ metadata }: MailboxPartition): number =>
  Date.parse(metadata.creationTimestamp ?? '') || Number.MAX_SAFE_INTEGER;

/** The order in which claims count (`operator/partition/placement-conflict.ts`): by age, then by name. */
export const byAge = (partitions: readonly MailboxPartition[]): readonly MailboxPartition[] =>
  partitions.toSorted((a, b) => createdAt(a) - createdAt(b) || compareNames(a.metadata.name, b.metadata.name));

const compareNames = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
