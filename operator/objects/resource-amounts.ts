import type { V1ResourceRequirements } from '@kubernetes/client-node';
import { canonicalAmounts } from './canonical-quantity.ts';

export type Amounts = Readonly<Record<string, string>>;
export type ResourceAmounts = { readonly requests: Amounts; readonly limits: Amounts };

/** `resources` of a container, as the API server keeps them. */
export function resourceAmounts({ requests, limits }: ResourceAmounts): V1ResourceRequirements {
  const [asked, most] = [canonicalAmounts(requests), canonicalAmounts(limits)];
  return { ...(asked === undefined ? {} : { requests: asked }), ...(most === undefined ? {} : { limits: most }) };
}

/** What a spec asks for; the defaults where it asks for nothing. Never a mixture: a default request may exceed its limit. */
export const resourcesOr = (asked: ResourceAmounts, defaults: ResourceAmounts): ResourceAmounts =>
  Object.keys(asked.requests).length + Object.keys(asked.limits).length === 0 ? defaults : asked;
