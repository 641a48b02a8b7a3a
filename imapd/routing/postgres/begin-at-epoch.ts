import type { ClientBase, QueryResult } from 'pg';
import { lockEpoch, selectEpoch } from '#database/postgres/repository-epoch.ts';
import type { StoredOperation } from '../../store/operations/stored-operation.ts';
import { enterOperation } from '../../store/postgres/operations/operations.ts';
import type { OperationId } from '../../store/types.ts';
import { WrongEpoch } from '../repository/failure.ts';

/** One message with several statements is one round trip; each of them sees what was committed before it began. */
const BEGIN = `BEGIN; ${lockEpoch}`;

/**
 * Begins a writing transaction under the epoch that the target names, and keeps that epoch from ending before it does.
 * Whatever writes must wait for this: were BEGIN itself refused, statements sent behind it would each commit alone.
 * @throws WrongEpoch with the transaction still open
 */
export async function beginAtEpoch(connection: ClientBase, epoch: number): Promise<void> {
  const [, answer] = await Promise.all([
    connection.query(BEGIN),
    connection.query<{ epoch: number | null }>(selectEpoch),
  ]);
  mustBe(epoch, answer);
}

const mustBe = (epoch: number, answer: QueryResult<{ epoch: number | null }>): void => {
  const found = answer.rows[0]?.epoch ?? null;
  if (found !== epoch) throw new WrongEpoch(epoch, found);
};

/** The same for a mutation, in the same single round trip: what it left behind if it has happened already. */
export async function beginOperation(
  connection: ClientBase,
  epoch: number,
  operation: OperationId,
): Promise<StoredOperation | null> {
  const [, door] = await Promise.all([connection.query(BEGIN), enterOperation(connection, operation)]);
  if (door.epoch !== epoch) throw new WrongEpoch(epoch, door.epoch);
  return door.stored;
}
