import type { Client } from 'pg';
import { poll } from '#runtime/poll.ts';
import { Impossible } from '../../impossible.ts';
import type { SynchronousSet } from '../../synchronous-set.ts';
import { insertEpoch } from '../repository-epoch.ts';

/** In the log, and so on the replicas, but in no table. It gives the transaction an id, without which no commit waits. */
const MARK = "SELECT pg_logical_emit_message(true, 'imapcluster', 'barrier')";

const ACKNOWLEDGED = {
  name: 'acknowledged',
  text: `SELECT count(DISTINCT application_name)::int AS members FROM pg_stat_replication
WHERE application_name = ANY ($1) AND flush_lsn >= $2::pg_lsn`,
};

const POLL_MS = 3;

export type EpochStamp = { readonly epoch: number; readonly uidGap: number; readonly member: string };

/** Waiting has no limit of its own: who no longer wants to wait lets the signal fire, which drops the session. */
export type DurableWrite = {
  readonly admin: Client;
  readonly synchronous: Readonly<SynchronousSet>;
  readonly signal: AbortSignal;
};

/** Commits an empty mark: returns when all that was visible before is on the synchronous set. */
export async function writeBarrier(write: DurableWrite): Promise<void> {
  await beginDurably(write.admin);
  await write.admin.query(MARK);
  await commitDurably(write);
}

/** Inserts the row of an epoch. Repeated, it still waits until the synchronous set has it. */
export async function writeEpoch(write: DurableWrite, stamp: EpochStamp): Promise<void> {
  const { admin } = write;
  await beginDurably(admin);
  const { rows } = await admin.query<{ newest: number | null }>(
    'SELECT max(epoch)::float8 AS newest FROM imapcluster.repository_epoch',
  );
  const newest = rows[0]?.newest ?? 0;
  if (newest > stamp.epoch) {
    throw new Impossible('EpochPassed', `epoch ${newest} is stamped already, ${stamp.epoch} lies before it`);
  }
  await admin.query(insertEpoch, [stamp.epoch, stamp.uidGap, stamp.member]);
  await admin.query(MARK);
  await commitDurably(write);
}

/** A writing transaction, whatever the posture makes the default, whose commit may not be taken for less than durable. */
export async function beginDurably(admin: Client): Promise<void> {
  await admin.query('BEGIN READ WRITE');
  // Behind the row of an earlier attempt that still waits for its replicas: do not queue up without end.
  await admin.query('SET LOCAL lock_timeout = 3000');
  await admin.query('SET LOCAL synchronous_commit = on');
}

/**
 * COMMIT answers success with a warning where its wait was broken off, and does not wait at all where the checkpointer
 * has not yet read a new synchronous set. So the replicas' own words count, too.
 */
export async function commitDurably({ admin, synchronous, signal }: DurableWrite): Promise<void> {
  await admin.query('COMMIT');
  if (synchronous.required === 0) return;
  const [position] = (await admin.query<{ end: string }>('SELECT pg_current_wal_flush_lsn()::text AS "end"')).rows;
  await poll(POLL_MS, signal, async () => {
    const { rows } = await admin.query<{ members: number }>({
      ...ACKNOWLEDGED,
      values: [synchronous.members, position?.end],
    });
    return (rows[0]?.members ?? 0) >= synchronous.required ? true : null;
  });
}
