import type { ReturnOptions, SearchReturn } from '../return-options.ts';
import type { ResultRange } from '../sets/result-range.ts';
import type { Cursor } from './cursor.ts';
import { resultRange } from './result-range.ts';
import { SyntaxFault } from './syntax-fault.ts';

const OPTIONS = ['MIN', 'MAX', 'ALL', 'COUNT', 'SAVE', 'PARTIAL'] as const;

/** An option by its name, PARTIAL by its range. */
type Option = SearchReturn | 'SAVE' | ResultRange;

/** `RETURN (option …) ` of SEARCH and what is based on it, or nothing: RFC 4731, 3.1; RFC 5182; RFC 9394, 3.1. */
export function returnOptions(cursor: Cursor): ReturnOptions | null {
  if (cursor.match(/RETURN /iy) === null) return null;
  const options = cursor.list(() => option(cursor), { of: 'return options', most: 16 });
  cursor.space();
  const names = new Set(options.filter((each) => typeof each === 'string'));
  const [partial = null, another] = options.filter((each) => typeof each !== 'string');
  if (another !== undefined) throw new SyntaxFault('PARTIAL can be asked for once');
  if (partial !== null && names.has('ALL')) throw new SyntaxFault('Either ALL or PARTIAL can be returned, not both');
  const items = Array.from(names).filter((name) => name !== 'SAVE');
  return { items: options.length === 0 ? ['ALL'] : items, save: names.has('SAVE'), partial };
}

function option(cursor: Cursor): Option {
  const name = cursor.oneOf(OPTIONS, 'a return option');
  if (name !== 'PARTIAL') return name;
  cursor.space();
  return resultRange(cursor);
}
