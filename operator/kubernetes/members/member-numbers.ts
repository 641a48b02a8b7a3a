import { type MemberName, memberName } from '#contract/names.ts';

/** The N of `PARTITION-N`; null for any other name. */
export function numberOf(partition: string, name: string): number | null {
  const digits = name.startsWith(`${partition}-`) ? name.slice(partition.length + 1) : '';
  return /^(0|[1-9][0-9]{0,8})$/.test(digits) ? Number(digits) : null;
}

/** The lowest names that nobody has. */
export function freeNames(partition: string, taken: ReadonlySet<string>, count: number): readonly MemberName[] {
  const names: MemberName[] = [];
  for (let number = 0; names.length < count; number += 1) {
    const name = memberName(`${partition}-${number}`);
    if (!taken.has(name)) names.push(name);
  }
  return names;
}
