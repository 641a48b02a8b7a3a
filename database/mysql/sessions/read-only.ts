import { DeadlineError, within } from '#runtime/deadline.ts';
import { settled } from '#runtime/settled.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { ServerError } from '../connection/server-error.ts';
import type { Statement } from '../connection/statement.ts';
import { errorCodes } from '../error-codes.ts';
import { rowsOf } from './rows-of.ts';
import type { SessionPair } from './session-pair.ts';

/**
 * Who may write.
 *
 *   all      who is let in
 *   agent    the agent alone: a fenced primary, whose epoch is still to be stamped
 *   nobody   but the replication: a replica. MariaDB knows no such thing, there it is as `agent`
 */
export type Writers = 'all' | 'agent' | 'nobody';

/** How long a wait is looked at before it counts as one: a COMMIT whose replica is there ends sooner. */
const COMMIT_MS = 250;

export async function letAllWrite(connection: MysqlConnection): Promise<void> {
  const both = connection.flavour === 'mysql' ? 'super_read_only = 0, GLOBAL read_only = 0' : 'read_only = 0';
  await connection.batch([{ name: 'writable', text: `SET GLOBAL ${both}` }]);
}

export type MakeReadOnly = {
  readonly writers: Exclude<Writers, 'all'>;
  /** Looks at what holds it up, while it still does. */
  readonly heldUp?: () => Promise<void>;
};

/**
 * Refuses writes. Servers answer once every COMMIT that had begun is through: `true` says that none waits any more, and that none
 * will begin. Behind one that waits for a replica in vain they would wait for ever, so after a while it is given up, and
 * all is as before.
 */
export async function makeReadOnly(
  { waiter, watcher }: SessionPair,
  { writers, heldUp }: MakeReadOnly,
): Promise<boolean> {
  if (await isReadOnly(watcher, writers)) return true;
  const asking = waiter.batch(statementsFor(waiter, writers));
  void settled(asking);
  try {
    await within(COMMIT_MS, 'read_only', asking);
    return true;
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    await heldUp?.();
    // Not a COMMIT, but a statement of ours: it can be ended, and must be. It would come true later, when it is not wanted.
    await watcher.batch([{ name: 'kill-read-only', text: 'KILL QUERY ?', values: [waiter.id] }]);
    return await outcome(asking);
  }
}

async function outcome(asking: Promise<unknown>): Promise<boolean> {
  try {
    await asking;
    return true;
  } catch (error) {
    if (error instanceof ServerError && givenUp.has(error.errno)) return false;
    throw error;
  }
}

const givenUp: ReadonlySet<number> = new Set([errorCodes.interrupted, errorCodes.lockWaitTimeout]);

function statementsFor({ flavour }: MysqlConnection, writers: MakeReadOnly['writers']): readonly Statement[] {
  // `read_only` alone takes the agent in; `super_read_only` takes `read_only` along.
  if (flavour === 'mysql' && writers === 'nobody')
    return [{ name: 'read-only', text: 'SET GLOBAL super_read_only = 1' }];
  const readOnly: Statement = { name: 'read-only', text: 'SET GLOBAL read_only = 1' };
  return flavour === 'mysql' ? [readOnly, { name: 'super-off', text: 'SET GLOBAL super_read_only = 0' }] : [readOnly];
}

type Row = { readonly read_only: number; readonly super: number };

async function isReadOnly(connection: MysqlConnection, writers: MakeReadOnly['writers']): Promise<boolean> {
  const mysql = connection.flavour === 'mysql';
  const [row] = await rowsOf<Row>(connection, {
    name: 'is-read-only',
    text: `SELECT @@GLOBAL.read_only AS read_only, ${mysql ? '@@GLOBAL.super_read_only' : '0'} AS super`,
  });
  return row?.read_only === 1 && (!mysql || row.super === (writers === 'nobody' ? 1 : 0));
}
