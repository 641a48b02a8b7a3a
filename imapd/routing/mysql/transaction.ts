import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { IDLE_IN_TRANSACTION_S, IDLE_S } from '#database/mysql/connection/session-settings.ts';
import type { Statement } from '#database/mysql/connection/statement.ts';
import type { Flavour } from '#database/mysql/flavour.ts';
import { lockEpoch, selectEpoch } from '#database/mysql/repository-epoch.ts';
import { begin, selectOperation, storedIn } from '../../store/mysql/operations/operations.ts';
import type { StoredOperation } from '../../store/operations/stored-operation.ts';
import type { OperationId } from '../../store/types.ts';
import { NotWritable, WrongEpoch } from '../repository/failure.ts';

/** MariaDB ends a transaction in which nothing is done. MySQL knows idle sessions only: while one is open, that is sooner. */
const idleFor = (seconds: number): Readonly<Record<Flavour, readonly Statement[]>> => ({
  mariadb: [],
  mysql: [{ name: 'session-idle', text: `SET SESSION wait_timeout = ${seconds}` }],
});
const opening = idleFor(IDLE_IN_TRANSACTION_S);
/** In front of what ends a transaction, so that behind COMMIT nothing is left to be done. */
export const closing = idleFor(IDLE_S);

/** Begins a writing transaction, and keeps the epoch from ending before it does. */
const atEpoch = (flavour: Flavour): readonly Statement[] => [...opening[flavour], begin, lockEpoch, selectEpoch];

type EpochRow = { readonly epoch: number | null };

/** `more` in the same round trip. @returns its row. @throws WrongEpoch with the transaction still open */
async function open(c: MysqlConnection, epoch: number, more: Statement): Promise<object | undefined> {
  const answers = await c.batch([...atEpoch(c.flavour), more]);
  const [found, last] = answers.slice(-2).map(({ rows }) => rows[0]);
  const { epoch: inForce } = found as EpochRow;
  if (inForce !== epoch) throw new WrongEpoch(epoch, inForce);
  return last;
}

/** @throws WrongEpoch with the transaction still open */
export async function beginOperation(
  c: MysqlConnection,
  epoch: number,
  operation: OperationId,
): Promise<StoredOperation | null> {
  return storedIn(await open(c, epoch, selectOperation(operation)));
}

const selectReadOnly: Statement = { name: 'read-only', text: 'SELECT @@GLOBAL.read_only AS fenced' };

/**
 * A fence is told by the setting: an account with too many rights would not meet it.
 * @throws WrongEpoch · NotWritable, with the transaction still open
 */
export async function beginBarrier(c: MysqlConnection, epoch: number): Promise<void> {
  const row = (await open(c, epoch, selectReadOnly)) as { readonly fenced: number } | undefined;
  if (row?.fenced !== 0) throw new NotWritable('the member takes no writes');
}
