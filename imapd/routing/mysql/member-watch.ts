import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { appliedPosition } from '#database/mysql/replication/positions.ts';
import { replicaStatusOf, showReplicaStatus } from '#database/mysql/replication/replica-status.ts';
import { selectEpoch } from '#database/mysql/repository-epoch.ts';
import { positionNumber } from '#database/position.ts';
import type { ReaderStatus } from '../driver.ts';

const selectApplied = ({ flavour }: MysqlConnection) => ({
  name: 'position',
  text: `SELECT ${appliedPosition(flavour)} AS applied`,
});

const numberIn = (row: object | undefined): bigint =>
  positionNumber(String((row as Position | undefined)?.applied ?? ''));
type Position = { readonly applied: string | null };

/**
 * Up to here everything the primary has acknowledged is in its log, as a number of transactions. Of MariaDB it counts those too
 * whose COMMIT still waits: then replicas look older than they are.
 */
export async function readWriterPosition(c: MysqlConnection): Promise<bigint> {
  const [position] = await c.batch([selectApplied(c)]);
  return numberIn(position?.rows[0]);
}

/**
 * What a replica says of itself. The position first, so that what shows now is no less; then where it streams from, for which the
 * account may look at replication.
 */
export async function readReaderStatus(c: MysqlConnection): Promise<ReaderStatus> {
  const answers = await c.batch([selectApplied(c), selectEpoch, showReplicaStatus(c.flavour)]);
  const [position, epoch, replication] = answers.map(({ rows }) => rows[0]);
  const status = replicaStatusOf(replication, c.flavour);
  return {
    replica: status !== null,
    epoch: (epoch as { readonly epoch: number | null }).epoch,
    replayed: numberIn(position),
    streamingFrom: status?.receiver === 'receiving' ? status.upstream : null,
  };
}
