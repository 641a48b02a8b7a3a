import type { Client } from 'pg';
import { insertEpoch } from '#database/postgres/repository-epoch.ts';
import { Impossible } from '../engine.ts';

/** In the log, and so on the replicas, but in no table. It gives the transaction an id, without which no commit waits. */
const MARK = "SELECT pg_logical_emit_message(true, 'imapcluster', 'barrier')";

export type EpochStamp = { readonly epoch: number; readonly uidGap: number; readonly member: string };

/** Opens a writing session: the posture makes new ones read-only, and no commit here may be taken for less than durable. */
async function begin(admin: Client): Promise<void> {
  // Behind the row of an earlier attempt that still waits for its replicas: do not queue up without end.
  await admin.query('SET lock_timeout = 3000');
  await admin.query('BEGIN READ WRITE');
  await admin.query('SET LOCAL synchronous_commit = on');
}

/** Commits an empty mark: returns when all that was visible before is on the synchronous set. */
export async function writeBarrier(admin: Client): Promise<void> {
  await begin(admin);
  await admin.query(MARK);
  await commit(admin);
}

/** Inserts the row of an epoch. Repeated, it still waits until the synchronous set has it. */
export async function writeEpoch(admin: Client, stamp: EpochStamp): Promise<void> {
  await begin(admin);
  const { rows } = await admin.query<{ newest: number | null }>(
    'SELECT max(epoch)::float8 AS newest FROM imapcluster.repository_epoch',
  );
  const newest = rows[0]?.newest ?? 0;
  if (newest > stamp.epoch) {
    throw new Impossible('EpochPassed', `epoch ${newest} is stamped already, ${stamp.epoch} lies before it`);
  }
  await admin.query(insertEpoch, [stamp.epoch, stamp.uidGap, stamp.member]);
  await admin.query(MARK);
  await commit(admin);
}

/** A wait that was broken off answers COMMIT all the same, with a warning: that is not durable. */
async function commit(admin: Client): Promise<void> {
  let warning: string | null = null;
  const listen = (notice: { message?: string | undefined }): void => {
    warning = notice.message ?? 'a warning without words';
  };
  admin.on('notice', listen);
  try {
    await admin.query('COMMIT');
  } finally {
    admin.off('notice', listen);
  }
  if (warning !== null) throw new Error(`the commit is not known to be replicated: ${warning}`);
}
