import type { ReturnOptions, SearchReturn } from '../return-options.ts';
import type { Cursor } from './cursor.ts';

const OPTIONS = ['MIN', 'MAX', 'ALL', 'COUNT', 'SAVE'] as const satisfies readonly (SearchReturn | 'SAVE')[];

/** `RETURN (option …) ` of SEARCH and what is based on it, or nothing: RFC 4731, 3.1; SAVE: RFC 5182. */
export function returnOptions(cursor: Cursor): ReturnOptions | null {
  if (cursor.match(/RETURN /iy) === null) return null;
  const limit = { of: 'return options', most: 16 };
  const options = new Set(cursor.list(() => cursor.oneOf(OPTIONS, 'a return option'), limit));
  cursor.space();
  const save = options.delete('SAVE');
  const items = Array.from(options).filter((option) => option !== 'SAVE');
  return { items: items.length === 0 && !save ? ['ALL'] : items, save };
}
