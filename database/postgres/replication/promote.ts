import type { Client } from 'pg';
import { poll } from '#runtime/poll.ts';

const POLL_MS = 5;

/** Turns a replica into a primary; one that is primary stays so. (pg_promote's own waiting looks ten times a second only.) */
export async function promoteServer(admin: Client, signal: AbortSignal): Promise<void> {
  const isReplica = async (): Promise<boolean> =>
    (await admin.query<{ replica: boolean }>('SELECT pg_is_in_recovery() AS replica')).rows[0]?.replica === true;
  if (!(await isReplica())) return;
  await admin.query('SELECT pg_promote(false)');
  await poll(POLL_MS, signal, async () => ((await isReplica()) ? null : true));
}
