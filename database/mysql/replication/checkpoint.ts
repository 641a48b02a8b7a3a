import { poll } from '#runtime/poll.ts';
import { holdsPosition } from '../../position.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { rowsOf } from '../sessions/rows-of.ts';
import { standingOf } from './positions.ts';

const POLL_MS = 20;
/** While others write there are always some. */
const FEW_PAGES = 64;

const DIRTY = { name: 'dirty-pages', text: "SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'" };

/**
 * Writes out what is dirty, on a replica not before it has applied what lies before `after`. Neither server has a statement for it:
 * it is told to suffer no dirty page for as long as that takes.
 */
export async function checkpoint(
  connection: MysqlConnection,
  after: string | null,
  signal: AbortSignal,
): Promise<void> {
  if (after !== null) {
    await poll(POLL_MS, signal, async () =>
      holdsPosition((await standingOf(connection)).applied, after) ? true : null,
    );
  }
  await connection.batch([{ name: 'dirty-none', text: 'SET GLOBAL innodb_max_dirty_pages_pct = 0' }]);
  try {
    await poll(POLL_MS, signal, async () => {
      const [row] = await rowsOf<{ readonly Value: string }>(connection, DIRTY);
      return Number(row?.Value ?? 0) <= FEW_PAGES ? true : null;
    });
  } finally {
    await connection.batch([{ name: 'dirty-some', text: 'SET GLOBAL innodb_max_dirty_pages_pct = DEFAULT' }]);
  }
}
