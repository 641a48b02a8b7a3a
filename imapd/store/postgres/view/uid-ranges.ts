import type { Uid } from '../../types.ts';

/**
 * UIDs as runs of consecutive numbers: what goes to the database for a set of messages, whatever its size. 1:160000 is one
 * range and one index scan.
 */
export type UidRanges = { readonly from: readonly number[]; readonly to: readonly number[] };

/** Any order, doubles allowed. */
export function uidRanges(uids: readonly Uid[]): UidRanges {
  const from: number[] = [];
  const to: number[] = [];
  for (const uid of ascending(uids)) {
    const last = to.length - 1;
    const end = to[last];
    if (end === undefined || uid > end + 1) {
      from.push(uid);
      to.push(uid);
    } else if (uid > end) to[last] = uid;
  }
  return { from, to };
}

function ascending(uids: readonly Uid[]): readonly Uid[] {
  for (let i = 1; i < uids.length; i++) {
    if ((uids[i - 1] ?? 0) > (uids[i] ?? 0)) return [...uids].sort((a, b) => a - b);
  }
  return uids;
}

/** `1:3,7`: how UIDs stand in stored results. */
export function writeUids(uids: readonly Uid[]): string {
  const { from, to } = uidRanges(uids);
  return from.map((start, i) => (start === to[i] ? String(start) : `${start}:${to[i]}`)).join(',');
}

/** The same in SQL: an expression. `uids` is a query of one column, `uid`, without doubles. */
export const uidRuns = (uids: string): string => `
  (SELECT coalesce(string_agg(CASE WHEN first = last THEN first::text ELSE first || ':' || last END, ',' ORDER BY first), '')
    FROM (SELECT min(uid) AS first, max(uid) AS last
      FROM (SELECT uid, uid - row_number() OVER (ORDER BY uid) AS run FROM (${uids}) AS u(uid)) numbered GROUP BY run) runs)`;

/** Ascending. @throws RangeError where the text is not what `writeUids` gives */
export function readUids(text: string): Uid[] {
  if (text === '') return [];
  const uids: Uid[] = [];
  for (const run of text.split(',')) {
    const [start, end = start] = run.split(':').map(Number);
    if (start === undefined || end === undefined || !(start <= end)) throw new RangeError(`not UIDs: ${text}`);
    for (let uid = start; uid <= end; uid++) uids.push(uid as Uid);
  }
  return uids;
}

/**
 * Condition for the messages of a set; `from` and `to` are parameters. Written as an array that the server unfolds itself,
 * because that has one plan, an index scan by mailbox and UID, whatever the size: as a join with the ranges the planner
 * chose to compare every range with every message of a large mailbox (14 s for 1,000 of 160,000).
 */
export const inRanges = (uid: string, from: string, to: string): string =>
  `${uid} = ANY(ARRAY(SELECT generate_series(r.first, r.last)
    FROM unnest(${from}::bigint[], ${to}::bigint[]) AS r(first, last)))`;
