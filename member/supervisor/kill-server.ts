import { DeadlineError, pause } from '#runtime/deadline.ts';
import { serverProcesses } from './server-processes.ts';

const POLL_MS = 5;

/**
 * Ends every process of the server in `dataDirectory` by SIGKILL and waits until the last one is gone; works on a
 * stopped (SIGSTOP) server too. `main` is halted first, so that it starts no child between the listing and its death.
 *
 * @returns how many processes there were
 * @throws DeadlineError where one does not die (it sleeps in the kernel: a dead disk)
 */
export async function killServer(dataDirectory: string, main: number | null, deadlineMs = 5000): Promise<number> {
  if (main !== null) send(main, 'SIGSTOP');
  let pids = await serverProcesses(dataDirectory);
  const count = pids.length;
  // One that has only just begun is not in its directory yet and, halted, never would be: it is not in the listing.
  if (main !== null) send(main, 'SIGKILL');
  const until = performance.now() + deadlineMs;
  while (pids.length > 0) {
    for (const pid of pids) send(pid, 'SIGKILL');
    if (performance.now() > until) throw new DeadlineError(`processes ${pids.join(', ')} do not end`);
    await pause(POLL_MS);
    pids = await serverProcesses(dataDirectory);
  }
  return count;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Ended by itself in the meantime: as good.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
