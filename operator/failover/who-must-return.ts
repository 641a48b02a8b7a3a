import type { MemberName } from '#contract/names.ts';
import type { PartitionRecord } from '../partition/record.ts';

type Asked = {
  readonly primary: MemberName;
  readonly asked: readonly MemberName[];
  readonly lacking: readonly MemberName[];
};

/**
 * Too few replicas can be asked for a promotion that is certain to keep everything acknowledged: who has to come back so
 * that it goes on by itself? Enough of the missing ones that commits waited for, or the primary, which has everything.
 * A replica that is on its way back is no help: it needs a primary to get there. Nor is one that is there and may lack what it
 * acknowledged (`lacking`): that may be on the primary alone by now.
 */
export function whoMustReturn({ synchronous, rejoining }: PartitionRecord, { primary, asked, lacking }: Asked): string {
  const { required, members } = synchronous;
  const missing = members.filter((member) => !asked.includes(member));
  const away = missing.filter((member) => !lacking.includes(member));
  const able = away.filter((member) => !rejoining.some((entry) => entry.member === member));
  // R + W > N
  const needed = members.length - required + 1 - (members.length - missing.length);
  const replicas = able.length === needed ? able.join(' and ') : `${needed} of ${able.join(', ')}`;
  const back = needed <= able.length ? `${replicas}, or the primary ${primary}` : `the primary ${primary}`;
  const holders = lacking.length === 0 ? missing : [...away, `the primary ${primary}`];
  return `what was acknowledged may be on ${holders.join(', ')} alone: bring back ${back}`;
}
