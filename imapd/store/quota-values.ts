import type { OwnLimit, OwnLimits, Quota, QuotaLimits, Resource } from './quota.ts';

/** In the database a limit that is none is -1, and a user's own that is none null: the cluster's holds. */
const NONE = -1;

export const limitValue = (limit: number | null): number => limit ?? NONE;

export const ownLimitValue = (limit: OwnLimit): number | null => {
  if (limit === 'default') return null;
  return limit === 'unlimited' ? NONE : limit;
};

/** What is read of one owner: resources in the order of `RESOURCES`. */
export type QuotaJson = {
  readonly used: readonly [number, number, number];
  readonly own: readonly [number | null, number | null, number | null];
} | null;

/** Who has no mailboxes uses nothing. */
export function quotaOf(json: QuotaJson, defaults: QuotaLimits): Quota {
  const { used, own } = json ?? { used: [0, 0, 0], own: [null, null, null] };
  const amount = (i: 0 | 1 | 2, resource: Resource): Quota[Resource] => {
    const limit = own[i] ?? limitValue(defaults[resource]);
    return { used: used[i], limit: limit < 0 ? null : limit };
  };
  return { STORAGE: amount(0, 'STORAGE'), MESSAGE: amount(1, 'MESSAGE'), MAILBOX: amount(2, 'MAILBOX') };
}

/** The other way round: what the columns say that a user's own limits are. */
export const ownLimitsOf = ([storage, messages, mailboxes]: readonly [
  number | null,
  number | null,
  number | null,
]): OwnLimits => ({ STORAGE: ownLimit(storage), MESSAGE: ownLimit(messages), MAILBOX: ownLimit(mailboxes) });

function ownLimit(value: number | null): OwnLimit {
  if (value === null) return 'default';
  return value < 0 ? 'unlimited' : value;
}
