import type { Client } from 'pg';
import { poll } from '#runtime/poll.ts';

const POLL_MS = 20;

const APPLIED = 'SELECT NOT pg_is_in_recovery() OR pg_last_wal_replay_lsn() >= $1::pg_lsn AS applied';

/**
 * Writes out what is dirty. A replica can do so only up to the checkpoint of its primary that it has applied last: so `after`,
 * a position behind that, is waited for first.
 */
export async function checkpoint(admin: Client, after: string | null, signal: AbortSignal): Promise<void> {
  if (after !== null) {
    await poll(POLL_MS, signal, async () => {
      const { rows } = await admin.query<{ applied: boolean }>(APPLIED, [after]);
      return rows[0]?.applied === true ? true : null;
    });
  }
  await admin.query('CHECKPOINT');
}
