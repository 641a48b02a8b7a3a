import type { Client } from 'pg';
import { poll } from '#runtime/poll.ts';

const POLL_MS = 10;
/** A receiver asked for just before the startup process read its new settings appears within this time. */
const QUIET_MS = 40;
/** After this the receiver is told itself: the startup process may be busy replaying and not come to it. */
const PATIENCE_MS = 300;

const RECEIVERS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walreceiver'";

export type ReceiverWait = {
  readonly signal: AbortSignal;
  /** Ends a process of the server: SQL cannot end a receiver. Absent where nobody is on the spot: it is waited for. */
  readonly terminate?: (pid: number) => void;
};

/** Waits until no receiver runs and, the settings naming no upstream, none will start. */
export async function awaitReceiverGone(admin: Client, { signal, terminate }: ReceiverWait): Promise<void> {
  const begin = performance.now();
  let quietSince = begin;
  await poll(POLL_MS, signal, async () => {
    const { rows } = await admin.query<{ pid: number }>(RECEIVERS);
    const now = performance.now();
    if (rows.length === 0) return now - quietSince >= QUIET_MS ? true : null;
    quietSince = now;
    if (now - begin > PATIENCE_MS) for (const { pid } of rows) terminate?.(pid);
    return null;
  });
}
