import { type Connection, rows } from '../connection.ts';

/** Replication keeps the order of commits, and `at` follows it within a transaction's length: a page is ample. */
const PAGE = 1000;

/**
 * When the old primary did the first thing that nobody else knows: time of the oldest of its operations that the target
 * lacks, or null. Goes backwards from the newest and stops at the first page that the target knows whole.
 */
export async function tailBegan(
  source: Connection,
  knownTo: (ids: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<Date | null> {
  let began: Date | null = null;
  let before: { at: Date; id: string } | null = null;
  for (;;) {
    const page: readonly { id: string; at: Date }[] = await rows<{ id: string; at: Date }>(source, {
      text: `SELECT id, at FROM mail.operation
        WHERE $1::timestamptz IS NULL OR (date_trunc('milliseconds', at), id) < ($1, $2::uuid)
        ORDER BY date_trunc('milliseconds', at) DESC, id DESC LIMIT ${PAGE}`,
      values: [before?.at ?? null, before?.id ?? null],
    });
    const known = await knownTo(page.map(({ id }) => id));
    const unknown = page.filter(({ id }) => !known.has(id));
    began = unknown.at(-1)?.at ?? began;
    before = page.at(-1) ?? null;
    if (unknown.length === 0 || before === null || page.length < PAGE) return began;
  }
}
