import {
  type MariadbPosition,
  mariadbPositionNumber,
  parseMariadbPosition,
  reachesMariadb,
} from './mysql/gtid/mariadb-position.ts';
import { containsGtids, countGtids, type GtidSet, parseGtidSet } from './mysql/gtid/mysql-set.ts';
import { lsnToBigInt } from './postgres/lsn.ts';

/**
 * Positions in the log of a database server, as its engine writes them. Each is told by its form:
 *
 *   16/B374D848          PostgreSQL   log sequence number
 *   7-101-4711           MariaDB      domain, server, number
 *   3e11fa47-…:1-4711    MySQL        set of transactions
 *   (nothing)            MariaDB, MySQL   nothing has been written yet
 */
type Position =
  | { readonly form: 'lsn'; readonly bytes: bigint }
  | { readonly form: 'mariadb'; readonly last: MariadbPosition }
  | { readonly form: 'mysql'; readonly set: GtidSet }
  | { readonly form: 'nothing' };

/** @throws RangeError for none of these forms */
function parse(text: string): Position {
  if (text.trim() === '') return { form: 'nothing' };
  if (text.includes('/')) return { form: 'lsn', bytes: lsnToBigInt(text) };
  if (text.includes(':')) return { form: 'mysql', set: parseGtidSet(text) };
  return { form: 'mariadb', last: parseMariadbPosition(text) };
}

/**
 * Negative, zero or positive as `a` lies before, at or after `b`, within one history. Where neither holds the other (a server of MySQL
 * with a transaction of its own), the one with more transactions counts as later, so that there is an order: ask `holdsPosition` where
 * data depends on it.
 *
 * @throws RangeError for positions of two engines
 */
export function comparePosition(a: string, b: string): number {
  const [x, y] = [parse(a), parse(b)];
  mustBeAlike([x, y], [a, b]);
  const difference = numberOf(x) - numberOf(y);
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** Whether who stands at `a` has all that there is up to `b`, within one history. @throws RangeError for positions of two engines */
export function holdsPosition(a: string, b: string): boolean {
  const [x, y] = [parse(a), parse(b)];
  mustBeAlike([x, y], [a, b]);
  if (x.form === 'mysql' && y.form === 'mysql') return containsGtids(x.set, y.set);
  if (x.form === 'mariadb' && y.form === 'mariadb') return reachesMariadb(x.last, y.last);
  return numberOf(x) >= numberOf(y);
}

/** How far a position is, for people and metrics: bytes of PostgreSQL, transactions of the others. @throws RangeError */
export const positionNumber = (position: string): bigint => numberOf(parse(position));

function mustBeAlike([x, y]: readonly [Position, Position], texts: readonly [string, string]): void {
  if (x.form === y.form || x.form === 'nothing' || y.form === 'nothing') return;
  throw new RangeError(`positions of two engines: ${texts.map((text) => JSON.stringify(text)).join(' and ')}`);
}

function numberOf(position: Position): bigint {
  switch (position.form) {
    case 'lsn':
      return position.bytes;
    case 'mariadb':
      return mariadbPositionNumber(position.last);
    case 'mysql':
      return countGtids(position.set);
    case 'nothing':
      return 0n;
  }
}
