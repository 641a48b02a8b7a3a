import type { Client } from 'pg';
import { poll } from '#runtime/poll.ts';

const POLL_MS = 10;
/** A receiver asked for just before the startup process read its new settings appears within this time. */
const QUIET_MS = 40;
/** After this the receiver is told itself: the startup process may be busy replaying and not come to it. */
const PATIENCE_MS = 300;

const RECEIVERS = {
  name: 'receivers',
  text: "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walreceiver'",
};

export type ReceiverWait = {
  readonly signal: AbortSignal;
  /** Ends a process of the server: SQL cannot end a receiver. Absent where nobody is on the spot: it is waited for. */
  readonly terminate?: (pid: number) => void;
  /** Whether nobody listens any more where receivers connect to. Absent where that is not known. */
  readonly isUpstreamGone?: () => Promise<boolean>;
};

/** Waits until no receiver runs and, the settings naming no upstream, none will start or could still connect. */
export async function awaitReceiverGone(
  admin: Client,
  { signal, terminate, isUpstreamGone }: ReceiverWait,
): Promise<void> {
  const begin = performance.now();
  let quietSince = begin;
  await poll(POLL_MS, signal, async () => {
    // Asked first: who is not there a moment later has come too late to connect.
    const refused = (await isUpstreamGone?.()) === true;
    const { rows } = await admin.query<{ pid: number }>(RECEIVERS);
    const now = performance.now();
    if (rows.length === 0) return refused || now - quietSince >= QUIET_MS ? true : null;
    quietSince = now;
    if (now - begin > PATIENCE_MS) for (const { pid } of rows) terminate?.(pid);
    return null;
  });
}
