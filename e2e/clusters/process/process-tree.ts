import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

/**
 * The first child of a process: what `unshare --fork` or `nsenter --pid` started, which has another number inside its
 * namespace. null where there is none.
 */
export async function childOf(pid: number): Promise<number | null> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(absent);
  const first = children.trim().split(' ')[0];
  return first === undefined || first === '' ? null : Number(first);
}

/** Words separated by spaces; empty where it has ended, even if its parent has not fetched it yet. */
export async function commandLine(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(absent)).replaceAll('\0', ' ').trim();
}

/** Its name as the kernel keeps it, 15 characters; empty where it is gone. */
export async function nameOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(absent)).trim();
}

export type ProcessInfo = {
  readonly pid: number;
  /** As it calls itself: a program may change it, as Node does. */
  readonly name: string;
  /** Path of its program, inside its own root; empty for threads of the kernel. */
  readonly program: string;
  readonly controlGroups: string;
};

/** Every process that this pid namespace sees, those of nodes and pods included. */
export async function allProcesses(): Promise<readonly ProcessInfo[]> {
  const entries = await readdir('/proc');
  const pids = entries.filter((entry) => /^\d+$/.test(entry)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => ({
      pid,
      name: await nameOf(pid),
      program: await readlink(`/proc/${pid}/exe`).catch(absent),
      controlGroups: await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(absent),
    })),
  );
  return found.filter(({ name }) => name !== '');
}

/** A process that has ended meanwhile has no name and no children. */
function absent(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT' || error.code === 'ESRCH') return '';
  throw error;
}

/** Pure: the processes of a pod, by its uid, whose own name or program's name this is. */
export function processesOfPod(
  processes: readonly ProcessInfo[],
  podUid: string,
  wanted: string,
): readonly ProcessInfo[] {
  return processes.filter(
    ({ name, program, controlGroups }) =>
      (basename(program) === wanted || name === wanted) && controlGroups.includes(`pod${podUid}`),
  );
}
