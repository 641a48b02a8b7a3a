import type { MemberName } from '#contract/names.ts';
import type { PartitionRecord } from '../partition/record.ts';

/**
 * Too few replicas can be asked for a promotion that is certain to keep everything acknowledged: who has to come back so
 * that it goes on by itself? Enough of the missing ones that commits waited for, or the primary, which has everything.
 * A replica that is on its way back is no help: it needs a primary to get there.
 */
export function whoMustReturn(
  { synchronous, rejoining }: PartitionRecord,
  { primary, asked }: { readonly primary: MemberName; readonly asked: readonly MemberName[] },
): string {
  const { required, members } = synchronous;
  const missing = members.filter((member) => !asked.includes(member));
  const able = missing.filter((member) => !rejoining.some((entry) => entry.member === member));
  // R + W > N
  const lacking = members.length - required + 1 - (members.length - missing.length);
  const replicas = able.length === lacking ? able.join(' and ') : `${lacking} of ${able.join(', ')}`;
  const back = lacking <= able.length ? `${replicas}, or the primary ${primary}` : `the primary ${primary}`;
  return `what was acknowledged may be on ${missing.join(', ')} alone: bring back ${back}`;
}
