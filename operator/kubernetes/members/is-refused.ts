import type { MemberName } from '#contract/names.ts';
import type { MembersInput, Refusal } from './members-input.ts';

/** Long enough for a quota to be raised without a storm of requests before it, short enough to be noticed then. */
export const ASK_AGAIN_MS = 30_000;

/** The API server has just refused the very same. */
export function isRefused(
  { of, member, asked }: Pick<Refusal, 'of' | 'asked'> & { readonly member: MemberName },
  { refusals, now }: Pick<MembersInput, 'refusals' | 'now'>,
): boolean {
  const refusal = refusals.get(member);
  return refusal?.of === of && refusal.asked === asked && now - refusal.at < ASK_AGAIN_MS;
}
