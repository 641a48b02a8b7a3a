import type { SortCriterion } from '../../protocol/searching/sort-criterion.ts';
import { type ReadRun, readFound } from './read-found.ts';
import type { Found } from './run-search.ts';
import { type SortValue, sortFields, sortValues } from './sort-value.ts';

/** Characters of everything that messages of one command are compared by: some hundred for each of 200,000. */
export const MOST_TO_COMPARE = 64 * 1024 * 1024;

type Sortable = { readonly message: Found; readonly values: readonly SortValue[] };

/**
 * Sorts found messages (RFC 5256, BASE.6.4.SORT). Only what they are compared by is kept of them; `tooMuch` where even that
 * is more than `MOST_TO_COMPARE`.
 */
export async function sortFound(
  found: readonly Found[],
  criteria: readonly SortCriterion[],
  run: ReadRun,
): Promise<readonly Found[] | 'tooMuch'> {
  const keys = criteria.map(({ key }) => key);
  const sortable: Sortable[] = [];
  let kept = 0;
  for await (const batch of readFound(found, new Set(keys.flatMap(sortFields)), run)) {
    for (const { message, content } of batch) {
      const values = sortValues(content, keys, message.relevancy);
      kept += values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 1), 0);
      sortable.push({ message, values });
    }
    if (kept > MOST_TO_COMPARE) return 'tooMuch';
  }
  return sortable.sort(inOrderOf(criteria)).map(({ message }) => message);
}

/** REVERSE turns its own criterion only: what all find equal stays in the order of the mailbox. */
function inOrderOf(criteria: readonly SortCriterion[]): (a: Sortable, b: Sortable) => number {
  const signs = criteria.map(({ reverse }) => (reverse ? -1 : 1));
  return (a, b) => {
    for (const [i, sign] of signs.entries()) {
      const [left, right] = [a.values[i] ?? 0, b.values[i] ?? 0];
      if (left < right) return -sign;
      if (left > right) return sign;
    }
    return a.message.sequence - b.message.sequence;
  };
}
