import type { ResponseWriter } from '../../protocol/response-writer.ts';
import { exceeded, type Quota, RESOURCES, type Resource } from '../../store/quota.ts';

/** STORAGE is told in units of so many octets (RFC 9208, 5.1). */
export const STORAGE_UNIT = 1024;

/** One QUOTA response (RFC 9208, 4.2.1): what has no limit is not in it. */
export function writeQuota(writer: ResponseWriter, root: string, quota: Quota): void {
  const limited = RESOURCES.flatMap((resource) => {
    const { used, limit } = quota[resource];
    return limit === null
      ? []
      : [`${resource} ${inUnits(resource, used, 'ceil')} ${inUnits(resource, limit, 'floor')}`];
  });
  writer.raw('* QUOTA ').astring(root).space().atoms(limited).crlf();
}

/** Of whoever looks at both, nothing is left where nothing is left: usage up, limits down. */
const inUnits = (resource: Resource, amount: number, round: 'ceil' | 'floor'): number =>
  resource === 'STORAGE' ? Math[round](amount / STORAGE_UNIT) : amount;

const NAMES: Readonly<Record<Resource, string>> = { STORAGE: 'storage', MESSAGE: 'messages', MAILBOX: 'mailboxes' };

/** For people, in ASCII; null where all is within its limits. */
export function overQuotaText(quota: Quota): string | null {
  const over = exceeded(quota).map((resource) => {
    const { used, limit } = quota[resource];
    return `${NAMES[resource]} ${Math.floor((100 * used) / Math.max(1, limit ?? 1))} %`;
  });
  return over.length === 0 ? null : `More is stored than is allowed (${over.join(', ')}); please delete some`;
}
