import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export type RunningProcess = { readonly pid: number; readonly parent: number; readonly command: string };

/** Every process of this machine, as `ps` of Linux and macOS tells it. */
async function listProcesses(): Promise<readonly RunningProcess[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,args=']);
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    return match === null ? [] : [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3] ?? '' }];
  });
}

/** The process, its children, their children; the root first. Empty where it is gone. */
export async function processTree(root: number): Promise<readonly RunningProcess[]> {
  const all = await listProcesses();
  const tree = all.filter((process) => process.pid === root);
  for (const ancestor of tree) tree.push(...all.filter((process) => process.parent === ancestor.pid));
  return tree;
}

/** Sends a signal to each; one that has ended already is passed over. */
export function signalAll(processes: readonly RunningProcess[], signal: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
    }
  }
}
