import type { Client } from 'pg';
import { poll } from '#runtime/poll.ts';

const POLL_MS = 10;

const STATE = {
  name: 'replay-state',
  text: `
SELECT pg_last_wal_replay_lsn()::text AS applied,
  pg_last_wal_receive_lsn() IS NULL OR pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn() AS level,
  pg_is_wal_replay_paused() AS paused,
  coalesce((SELECT wait_event IN ('RecoveryWalStream', 'RecoveryRetrieveRetryInterval') FROM pg_stat_activity
    WHERE backend_type = 'startup'), false) AS waiting`,
};

type State = { applied: string; level: boolean; paused: boolean; waiting: boolean };

/**
 * Waits until everything received is applied. A primary that died may have sent the beginning of a record: that is never
 * applied, so a startup process that waits for more, twice at the same place, is level too.
 *
 * @returns the position applied
 */
export async function awaitReplayed(admin: Client, signal: AbortSignal): Promise<string> {
  let before: State | null = null;
  return await poll(POLL_MS, signal, async () => {
    const [state] = (await admin.query<State>(STATE)).rows;
    if (state === undefined) return null;
    if (state.level) return state.applied;
    if (state.paused) await admin.query('SELECT pg_wal_replay_resume()');
    const stuck = state.waiting && before?.waiting === true && before.applied === state.applied;
    before = state;
    return stuck ? state.applied : null;
  });
}
