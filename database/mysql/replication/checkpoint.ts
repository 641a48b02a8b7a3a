import { poll } from '#runtime/poll.ts';
import { holdsPosition } from '../../position.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { rowsOf } from '../sessions/rows-of.ts';
import { standingOf } from './positions.ts';

const POLL_MS = 20;
/** While others write there are always some. */
const FEW_PAGES = 64;
/** To end one, whatever became of the session that began it. */
const END_MS = 5_000;

const DIRTY = { name: 'dirty-pages', text: "SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'" };
const SUFFERED = { name: 'dirty-suffered', text: 'SELECT @@GLOBAL.innodb_max_dirty_pages_pct AS percent' };

type Use = <T>(signal: AbortSignal, use: (connection: MysqlConnection) => Promise<T>) => Promise<T>;

/**
 * Checkpoints of one server, which may overlap. Neither server has a statement for it: it is told to suffer no dirty page for as long
 * as that takes, and after the last one as many as before.
 */
export class Checkpoints {
  readonly #use: Use;
  #running = 0;
  /** What the server suffers otherwise; null: not asked yet. */
  #percent: number | null = null;

  constructor(use: Use) {
    this.#use = use;
  }

  /** Another server, as its file says. */
  forget(): void {
    this.#percent = null;
  }

  /** Writes out what is dirty, on a replica not before it has applied what lies before `after`. */
  async take(after: string | null, signal: AbortSignal): Promise<void> {
    await this.#use(signal, async (connection) => {
      if (after !== null) await appliedAsFar(connection, after, signal);
      this.#percent ??= await suffered(connection);
    });
    this.#running += 1;
    try {
      await this.#use(signal, (connection) => writeOut(connection, signal));
    } finally {
      this.#running -= 1;
      if (this.#running === 0) await this.#end();
    }
  }

  /** In a session and a time of its own: those of who ran out of time are gone. */
  async #end(): Promise<void> {
    const values = [this.#percent ?? 0];
    const some = { name: 'dirty-some', text: 'SET GLOBAL innodb_max_dirty_pages_pct = ?', values };
    if (this.#percent !== null) await this.#use(AbortSignal.timeout(END_MS), (connection) => connection.batch([some]));
  }
}

async function appliedAsFar(connection: MysqlConnection, after: string, signal: AbortSignal): Promise<void> {
  await poll(POLL_MS, signal, async () => (holdsPosition((await standingOf(connection)).applied, after) ? true : null));
}

async function suffered(connection: MysqlConnection): Promise<number> {
  const [row] = await rowsOf<{ readonly percent: number | string }>(connection, SUFFERED);
  return Number(row?.percent);
}

async function writeOut(connection: MysqlConnection, signal: AbortSignal): Promise<void> {
  await connection.batch([{ name: 'dirty-none', text: 'SET GLOBAL innodb_max_dirty_pages_pct = 0' }]);
  await poll(POLL_MS, signal, async () => {
    const [row] = await rowsOf<{ readonly Value: string }>(connection, DIRTY);
    return Number(row?.Value ?? 0) <= FEW_PAGES ? true : null;
  });
}
