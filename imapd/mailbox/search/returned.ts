import type { ReturnOptions } from '../../protocol/return-options.ts';
import type { Found } from './run-search.ts';

/** What the return options MIN, MAX, ALL and COUNT speak of (RFC 4731, 3.1), in the order of `found`. */
export function toldOf(found: readonly Found[], { items }: ReturnOptions): readonly Found[] {
  if (items.includes('ALL') || items.includes('COUNT')) return found;
  const ends = [items.includes('MIN') ? found[0] : undefined, items.includes('MAX') ? found.at(-1) : undefined];
  return ends.filter((message) => message !== undefined);
}

/** What SAVE keeps (RFC 5182, 2.4): what the other options speak of; everything where it stands alone. */
export const keptOf = (found: readonly Found[], options: ReturnOptions): readonly Found[] =>
  options.items.length === 0 ? found : toldOf(found, options);
