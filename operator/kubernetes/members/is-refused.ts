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
  if (refusal?.of !== of || refusal.asked !== asked) return false;
  const age = now - refusal.at;
  // Of a clock that was set back: nobody knows how long ago that was.
  return age >= 0 && age < ASK_AGAIN_MS;
}
