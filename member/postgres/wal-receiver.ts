import type { Client } from 'pg';
import { poll } from '../poll.ts';

const POLL_MS = 10;
/** A receiver asked for just before the startup process read its new settings appears within this time. */
const QUIET_MS = 40;
/** After this the receiver is told itself: the startup process may be busy replaying and not come to it. */
const PATIENCE_MS = 300;

const RECEIVERS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walreceiver'";

/** Waits until no receiver runs and, the posture naming no upstream, none will start. */
export async function awaitReceiverGone(admin: Client, signal: AbortSignal): Promise<void> {
  const begin = performance.now();
  let quietSince = begin;
  await poll(POLL_MS, signal, async () => {
    const { rows } = await admin.query<{ pid: number }>(RECEIVERS);
    const now = performance.now();
    if (rows.length === 0) return now - quietSince >= QUIET_MS ? true : null;
    quietSince = now;
    if (now - begin > PATIENCE_MS) for (const { pid } of rows) terminate(pid);
    return null;
  });
}

/** SQL cannot end a receiver; it writes out what it has received before it ends. */
function terminate(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
