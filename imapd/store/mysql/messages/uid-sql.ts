import type { UidRanges } from '../../messages/uid-ranges.ts';
import type { Statement } from '../connection.ts';
import { join, raw, type Sql, sql } from '../sql.ts';

/**
 * Ranges of one statement. What makes an index range of each takes the square of their number; and more of them are several statements,
 * never one a message.
 */
const RANGES_A_STATEMENT = 2_000;

/**
 * Condition for the messages of a set, all of it literals: what the index is walked by (the sessions are set so that it is however
 * many there are: session-settings.ts). Name the index too: of one long range a server may think that any index by mailbox is as good.
 * @param uid a column
 */
export function inRanges(uid: string, { from, to }: UidRanges): Sql {
  const alone: number[] = [];
  const parts: Sql[] = [];
  for (const [i, first] of from.entries()) {
    const last = to[i] ?? first;
    if (first === last) alone.push(first);
    else parts.push(sql`${raw(uid)} BETWEEN ${first} AND ${last}`);
  }
  if (alone.length > 0 || parts.length === 0) parts.push(sql`${raw(uid)} IN (${alone})`);
  const { text, values } = join(parts, ' OR ');
  return { text: `(${text})`, values };
}

/** The same ranges, so many to each statement; none where there are none. */
export function rangesByStatement({ from, to }: UidRanges): readonly UidRanges[] {
  const pieces: UidRanges[] = [];
  for (let at = 0; at < from.length; at += RANGES_A_STATEMENT) {
    pieces.push({ from: from.slice(at, at + RANGES_A_STATEMENT), to: to.slice(at, at + RANGES_A_STATEMENT) });
  }
  return pieces;
}

/** `writeUids` in SQL: an expression. `uids` is a query of one column, `uid`, without doubles. */
const uidRuns = (uids: Sql): Sql => sql`
  (SELECT COALESCE(GROUP_CONCAT(IF(first = last, first, CONCAT(first, ':', last)) ORDER BY first), '')
    FROM (SELECT MIN(uid) AS first, MAX(uid) AS last
      FROM (SELECT uid, uid - ROW_NUMBER() OVER (ORDER BY uid) AS run FROM (${uids}) u) numbered GROUP BY run) runs)`;

/** Octets of UIDs, as `writeUids` gives them, that are told by the server: of more it might keep the end to itself. */
const MOST_TOLD = 2 * 1024 * 1024;

/** Puts the UIDs of queries into `@uids`: all of one before those of the next, and none right behind them. Of too many: NULL. */
export const tellUids = (queries: readonly Sql[]): Statement[] =>
  queries.length === 0
    ? [{ name: 'uids-tell', text: `SET @uids = ''` }]
    : queries.map((uids, i) => ({ name: 'uids-tell', ...(i === 0 ? tell(uids) : tellMore(uids)) }));

const tell = (uids: Sql): Sql => sql`SELECT ${uidRuns(uids)} INTO @uids`;
const tellMore = (uids: Sql): Sql => sql`
  SELECT CONCAT(@uids, IF(@uids = '' OR told = '', '', ','), told) INTO @uids FROM (SELECT ${uidRuns(uids)} AS told) more`;

/** Whether those are all. */
export const isTold = raw(`OCTET_LENGTH(@uids) < ${MOST_TOLD}`);
