import type { DatedOperation, OperationStatements } from './salvage-statements.ts';

/** Replication keeps the order of commits, and `at` follows it within a transaction's length: a page is ample. */
const PAGE = 1000;
/** An old primary may be without the index by which a page is found, and each costs a pass over the whole table: they double, up to so many. */
const MOST = 64 * PAGE;
/** No tail is reckoned with that is longer, ms: what an old primary acknowledged alone it did on its last day. */
const LONGEST_MS = 86_400_000;

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

/** The old primary, and how it is asked. */
type Source<C> = { readonly source: C; readonly operations: OperationStatements<C> };

/**
 * When the old primary did the first thing that nobody else knows. Goes backwards from the newest and stops at the first page
 * that the target knows whole, or where its memory ends.
 */
export async function tailBegan<C>(of: Source<C>, { knownTo, since }: Memory): Promise<Tail> {
  const { source, operations } = of;
  let began: Date | null = null;
  let before: DatedOperation | null = null;
  for (let size = PAGE; ; size = Math.min(2 * size, MOST)) {
    const page: readonly DatedOperation[] = await operations.page(source, { before, since, most: size });
    const known = await knownTo(page.map(({ id }) => id));
    const unknown = page.filter(({ id }) => !known.has(id));
    const oldest = page.at(-1);
    began = unknown.at(-1)?.at ?? began;
    if (oldest !== undefined && unknown.length === 0) return { began, unclearSince: null };
    if (page.length < size) {
      const ended = oldest !== undefined && known.has(oldest.id);
      return { began, unclearSince: ended ? null : await unclearBefore(of, since) };
    }
    before = oldest ?? null;
  }
}

/** Nothing that is known was met on the way to where memory ends: did the tail begin beyond? */
async function unclearBefore<C>({ source, operations }: Source<C>, since: Date): Promise<Date | null> {
  const { newest, beyond } = await operations.span(source, since);
  if (newest === null || !beyond) return null;
  const earliest = new Date(newest.getTime() - LONGEST_MS);
  return earliest >= since ? null : earliest;
}
