import type { ClientBase } from 'pg';
import { lsnToBigInt } from '#database/postgres/lsn.ts';
import { selectEpoch } from '#database/postgres/repository-epoch.ts';
import type { ReaderStatus } from '../driver.ts';

/** Up to here everything the primary has acknowledged is in its log. */
export async function readWriterPosition(connection: ClientBase): Promise<bigint> {
  const answer = await connection.query<{ position: string }>({
    name: 'writer-position',
    text: 'SELECT pg_current_wal_flush_lsn()::text AS position',
  });
  return lsnToBigInt(answer.rows[0]?.position ?? '0/0');
}

const selectReader = `
SELECT pg_is_in_recovery() AS replica, pg_last_wal_replay_lsn()::text AS replayed, (${selectEpoch}) AS epoch,
       r.sender_host AS host, r.sender_port AS port
  FROM (SELECT 1) AS one LEFT JOIN pg_stat_wal_receiver AS r ON r.status = 'streaming'`;

/** What a replica says of itself. The columns of pg_stat_wal_receiver need the role pg_monitor. */
export async function readReaderStatus(connection: ClientBase): Promise<ReaderStatus> {
  const answer = await connection.query<{
    replica: boolean;
    replayed: string | null;
    epoch: number | null;
    host: string | null;
    port: number | null;
  }>({ name: 'reader-status', text: selectReader });
  const row = answer.rows[0];
  if (row === undefined) throw new Error('a member gave no status');
  return {
    replica: row.replica,
    epoch: row.epoch,
    replayed: row.replayed === null ? null : lsnToBigInt(row.replayed),
    streamingFrom: row.host === null || row.port === null ? null : { host: row.host, port: row.port },
  };
}
