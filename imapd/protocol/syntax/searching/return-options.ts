import type { FetchItem } from '../../fetch-item.ts';
import type { ReturnOptions, SearchReturn } from '../../searching/return-options.ts';
import type { ResultRange } from '../../sets/result-range.ts';
import type { Cursor } from '../cursor.ts';
import { fetchAttributes } from '../fetch.ts';
import { SyntaxFault } from '../syntax-fault.ts';
import { resultRange } from './result-range.ts';

const OPTIONS = ['MIN', 'MAX', 'ALL', 'COUNT', 'SAVE', 'PARTIAL', 'UPDATE', 'CONTEXT', 'RELEVANCY'] as const;

/** Options that say nothing of what is told at once. */
const OTHERS = ['SAVE', 'UPDATE', 'CONTEXT'] as const;

/** An option by its name, PARTIAL by its range. */
type Option = SearchReturn | (typeof OTHERS)[number] | ResultRange;

/** `RETURN (option …) ` of SEARCH and what is based on it, or nothing: RFC 4731, 3.1; RFC 5182; RFC 9394, 3.1; RFC 5267, 5; RFC 5465, 8; RFC 6203, 7. */
export function returnOptions(cursor: Cursor): ReturnOptions | null {
  if (cursor.match(/RETURN /iy) === null) return null;
  let fetch: readonly FetchItem[] = [];
  const options = cursor.list(
    () => {
      const each = option(cursor);
      if (each === 'UPDATE' && cursor.match(/ (?=\()/y) !== null) fetch = fetchAttributes(cursor);
      return each;
    },
    { of: 'return options', most: 16 },
  );
  cursor.space();
  const names = new Set(options.filter((each) => typeof each === 'string'));
  const [partial = null, another] = options.filter((each) => typeof each !== 'string');
  if (another !== undefined) throw new SyntaxFault('PARTIAL can be asked for once');
  if (partial !== null && names.has('ALL')) throw new SyntaxFault('Either ALL or PARTIAL can be returned, not both');
  const items = Array.from(names).filter((name) => !isOther(name));
  // A mere hint asks for nothing else than an empty list does.
  const nothing = options.every((each) => each === 'CONTEXT');
  return {
    items: nothing ? ['ALL'] : items,
    save: names.has('SAVE'),
    update: names.has('UPDATE'),
    updateFetch: fetch,
    context: names.has('CONTEXT'),
    partial,
  };
}

const isOther = (name: SearchReturn | (typeof OTHERS)[number]): name is (typeof OTHERS)[number] =>
  (OTHERS as readonly string[]).includes(name);

function option(cursor: Cursor): Option {
  const name = cursor.oneOf(OPTIONS, 'a return option');
  if (name !== 'PARTIAL') return name;
  cursor.space();
  return resultRange(cursor);
}
