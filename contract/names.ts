/**
 * Identifiers that cross process borders. Branded, so that an epoch never passes for a version and a UID never for a
 * sequence number; the brands exist in types only.
 */
declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Name of an `ImapCluster`: a DNS label. */
export type ClusterName = Brand<string, 'ClusterName'>;
/** Name of a `MailboxPartition`: a DNS label, unique in its cluster's namespace. */
export type PartitionName = Brand<string, 'PartitionName'>;
/** Name of one database server of a repository: a DNS label, unique in its partition. */
export type MemberName = Brand<string, 'MemberName'>;
/** Fencing token of a repository: an integer ≥ 1, + 1 at every change of primary, never reused. */
export type Epoch = Brand<number, 'Epoch'>;
/** Number of a routing document of one cluster: an integer ≥ 1 that only grows. */
export type RoutingVersion = Brand<number, 'RoutingVersion'>;

export const clusterName = (value: string): ClusterName => value as ClusterName;
export const partitionName = (value: string): PartitionName => value as PartitionName;
export const memberName = (value: string): MemberName => value as MemberName;

/** @throws RangeError where the value is not an integer ≥ 1 */
export function epoch(value: number): Epoch {
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`an epoch is an integer ≥ 1, not ${value}`);
  return value as Epoch;
}
