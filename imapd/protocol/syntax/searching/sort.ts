import type { Sort } from '../../command.ts';
import type { SortCriterion } from '../../searching/sort-criterion.ts';
import type { Cursor } from '../cursor.ts';
import { charsetName } from './charset.ts';
import { returnOptions } from './return-options.ts';
import { needFuzzy, searchKeys } from './search.ts';

const KEYS: readonly SortCriterion['key'][] = [
  ...(['ARRIVAL', 'CC', 'DATE', 'FROM', 'SIZE', 'SUBJECT', 'TO'] as const),
  ...(['DISPLAYFROM', 'DISPLAYTO'] as const),
  'RELEVANCY',
];
const REVERSE = /REVERSE /iy;
/** There are ten; whoever names one twice has a reason that does not matter. */
const MOST_CRITERIA = 32;

/** SORT [RETURN (…)] (criterion …) charset key …: RFC 5256, 5; RFC 5267, 5; RFC 6203, 7. */
export function sort(cursor: Cursor, uid: boolean): Sort {
  cursor.space();
  const returns = returnOptions(cursor);
  const criteria = sortCriteria(cursor);
  cursor.space();
  const keys = searchKeys(cursor, charsetName(cursor));
  const byRelevancy = criteria.some(({ key }) => key === 'RELEVANCY');
  if (byRelevancy || returns?.items.includes('RELEVANCY') === true) needFuzzy(keys.key);
  return { name: 'SORT', uid, criteria, returns, ...keys };
}

function sortCriteria(cursor: Cursor): readonly SortCriterion[] {
  const criteria = cursor.list(() => sortCriterion(cursor), { of: 'sort criteria', most: MOST_CRITERIA });
  return criteria.length > 0 ? criteria : cursor.fail('a sort criterion');
}

function sortCriterion(cursor: Cursor): SortCriterion {
  const reverse = cursor.match(REVERSE) !== null;
  return { key: cursor.oneOf(KEYS, 'a sort criterion'), reverse };
}
