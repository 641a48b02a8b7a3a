import { readdir, readFile } from 'node:fs/promises';

/** A server's main process and its children (Linux: `/proc`). */
async function processesOf(pid: number): Promise<number[]> {
  const children: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (parent === pid) children.push(Number(entry));
  }
  return [pid, ...children];
}

/** Freezes a server whole: nothing of it answers, nothing of it is gone. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  for (const member of await processesOf(pid)) process.kill(member, 'SIGSTOP');
}

/** Freezes the process that takes new connections; sessions and replication go on. */
export const freezeListener = (pid: number): boolean => process.kill(pid, 'SIGSTOP');

/** What `freeze` has stopped goes on, its newest children last. */
export async function thawWhole(pid: number): Promise<void> {
  for (const member of await processesOf(pid)) {
    try {
      process.kill(member, 'SIGCONT');
    } catch (error) {
      // A process thawed before this one may have ended it, or it itself, for its lost connection.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

export const thaw = (pid: number): boolean => process.kill(pid, 'SIGCONT');
