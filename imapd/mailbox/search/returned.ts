import type { ReturnOptions } from '../../protocol/searching/return-options.ts';
import { sliceOf } from '../../protocol/sets/result-range.ts';
import type { Found } from './run-search.ts';

/** The results that PARTIAL asks for (RFC 9394, 3.1), in their order. */
export const partOf = (found: readonly Found[], { partial }: ReturnOptions): readonly Found[] =>
  partial === null ? [] : found.slice(...sliceOf(partial, found.length));

/** What RELEVANCY tells the scores of (RFC 6203, 4), in the order of what is told: of everything, or of the part that is asked for. */
export const scoredOf = (found: readonly Found[], options: ReturnOptions): readonly Found[] =>
  options.partial === null ? found : partOf(found, options);

/** What the return options MIN, MAX, ALL, COUNT, RELEVANCY and PARTIAL speak of (RFC 4731, 3.1), each message once. */
export function toldOf(found: readonly Found[], options: ReturnOptions): readonly Found[] {
  const { items } = options;
  if (items.includes('ALL') || items.includes('COUNT')) return found;
  if (items.includes('RELEVANCY') && options.partial === null) return found;
  const ends = [items.includes('MIN') ? found[0] : undefined, items.includes('MAX') ? found.at(-1) : undefined];
  const told = [...partOf(found, options), ...ends.filter((message) => message !== undefined)];
  return Array.from(new Set(told));
}

/** What SAVE keeps (RFC 5182, 2.4; RFC 9394, 3.2): what the other options speak of; everything where it stands alone. */
export const keptOf = (found: readonly Found[], options: ReturnOptions): readonly Found[] =>
  options.items.length === 0 && options.partial === null ? found : toldOf(found, options);
