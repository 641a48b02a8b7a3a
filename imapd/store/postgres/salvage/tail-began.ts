import { type Connection, onlyRow, rows } from '../connection.ts';

/** Replication keeps the order of commits, and `at` follows it within a transaction's length: a page is ample. */
const PAGE = 1000;
/** An old primary may be without the index by which a page is found, and each costs a pass over the whole table: they double, up to so many. */
const MOST = 64 * PAGE;
/** No tail is reckoned with that is longer, ms: what an old primary acknowledged alone it did on its last day. */
const LONGEST_MS = 86_400_000;

/** Behind the time it does not matter: nothing was done at infinity. */
const ANY_ID = '00000000-0000-0000-0000-000000000000';
/** `exact`: the time in microseconds, which a Date does not hold. */
type Row = { readonly id: string; readonly at: Date; readonly exact: string };

export type Tail = {
  /** Time of the oldest of its operations that the target surely never had; null: there is none. By the old primary's clock. */
  readonly began: Date | null;
  /** null: `began` is the whole truth. Otherwise the tail may have begun earlier, at this time at the earliest. */
  readonly unclearSince: Date | null;
};

export type Memory = {
  readonly knownTo: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  /** The target has all operations from then on, and has collected older ones: what is missing among those tells nothing. */
  readonly since: Date;
};

/**
 * When the old primary did the first thing that nobody else knows. Goes backwards from the newest and stops at the first page
 * that the target knows whole, or where its memory ends.
 */
export async function tailBegan(source: Connection, { knownTo, since }: Memory): Promise<Tail> {
  let began: Date | null = null;
  let before: Row | null = null;
  for (let size = PAGE; ; size = Math.min(2 * size, MOST)) {
    const page: readonly Row[] = await rows<Row>(source, {
      text: `SELECT id, at, at::text AS exact FROM mail.operation
        WHERE at >= $3 AND (at, id) < ($1::timestamptz, $2::uuid) ORDER BY at DESC, id DESC LIMIT $4`,
      values: [before?.exact ?? 'infinity', before?.id ?? ANY_ID, since, size],
    });
    const known = await knownTo(page.map(({ id }) => id));
    const unknown = page.filter(({ id }) => !known.has(id));
    const oldest = page.at(-1);
    began = unknown.at(-1)?.at ?? began;
    if (oldest !== undefined && unknown.length === 0) return { began, unclearSince: null };
    if (page.length < size) {
      const ended = oldest !== undefined && known.has(oldest.id);
      return { began, unclearSince: ended ? null : await unclearBefore(source, since) };
    }
    before = oldest ?? null;
  }
}

/** Nothing that is known was met on the way to where memory ends: did the tail begin beyond? */
async function unclearBefore(source: Connection, since: Date): Promise<Date | null> {
  const { newest, beyond } = await onlyRow<{ newest: Date | null; beyond: boolean | null }>(source, {
    text: 'SELECT max(at) AS newest, bool_or(at < $1) AS beyond FROM mail.operation',
    values: [since],
  });
  if (newest === null || beyond !== true) return null;
  const earliest = new Date(newest.getTime() - LONGEST_MS);
  return earliest >= since ? null : earliest;
}
