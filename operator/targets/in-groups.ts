/** What is said to so many is not much longer than what is said to one; to be signed and sent it takes as long as ten do alone. */
const MOST = 16;

/** Whoever can be spoken to together, in groups of at most sixteen; every other alone. In their order within each. */
export function inGroups<T>(all: readonly T[], canShare: (one: T) => boolean): readonly (readonly T[])[] {
  const { shared = [], alone = [] } = Object.groupBy(all, (one) => (canShare(one) ? 'shared' : 'alone'));
  const groups: (readonly T[])[] = alone.map((one) => [one]);
  for (let from = 0; from < shared.length; from += MOST) groups.push(shared.slice(from, from + MOST));
  return groups;
}
