import type { Thread, ThreadingAlgorithm } from '../../command.ts';
import type { Cursor } from '../cursor.ts';
import { charsetName } from './charset.ts';
import { searchKeys } from './search.ts';

const ALGORITHMS: readonly ThreadingAlgorithm[] = ['ORDEREDSUBJECT', 'REFERENCES'];

/** THREAD algorithm charset key …: RFC 5256, 5. */
export function thread(cursor: Cursor, uid: boolean): Thread {
  cursor.space();
  const algorithm = cursor.oneOf(ALGORITHMS, 'a threading algorithm');
  cursor.space();
  return { name: 'THREAD', uid, algorithm, ...searchKeys(cursor, charsetName(cursor)) };
}
