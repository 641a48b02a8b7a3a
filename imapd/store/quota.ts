/** What a user may have only so much of (RFC 9208, 5). STORAGE is in octets here, on the wire in units of 1024. */
export const RESOURCES = ['STORAGE', 'MESSAGE', 'MAILBOX'] as const;
export type Resource = (typeof RESOURCES)[number];

/** null: as much as there is room for. */
export type QuotaLimits = Readonly<Record<Resource, number | null>>;
export const NO_LIMITS: QuotaLimits = { STORAGE: null, MESSAGE: null, MAILBOX: null };

/** What one user uses and may have at most: own limits, or the cluster's. */
export type Quota = Readonly<Record<Resource, { readonly used: number; readonly limit: number | null }>>;

/** A user's own limit. `default`: the cluster's. */
export type OwnLimit = number | 'unlimited' | 'default';
export type OwnLimits = Readonly<Record<Resource, OwnLimit>>;

/** Resources of which there is more than may be. */
export const exceeded = (quota: Quota): readonly Resource[] =>
  RESOURCES.filter((resource) => {
    const { used, limit } = quota[resource];
    return limit !== null && used > limit;
  });

/** Would so many messages of so many octets together be more than may be? */
export function leavesRoomFor(quota: Quota, { messages, octets }: { messages: number; octets: number }): boolean {
  const fits = (resource: Resource, more: number): boolean => {
    const { used, limit } = quota[resource];
    return limit === null || used + more <= limit;
  };
  return fits('STORAGE', octets) && fits('MESSAGE', messages);
}
