import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';

/** Children of a run that was killed end by themselves once they see it; this is how long that may take. */
const PATIENCE_MS = 15_000;
const POLL_MS = 50;

/**
 * Waits until no child of an earlier run on this state folder is left, and kills those that outstay their time: two
 * agents on one data directory would fight. Only processes whose configuration lies in `configFolder` are touched.
 */
export async function endLeftovers(configFolder: string, log: Logger): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  let pids = await childrenOf(configFolder);
  if (pids.length > 0) log.debug({ pids }, 'waiting for the children of an earlier run');
  while (pids.length > 0) {
    if (performance.now() > until) for (const pid of pids) kill(pid);
    await pause(POLL_MS);
    pids = await childrenOf(configFolder);
  }
}

/** By command line: a process number that was used again is never mistaken for ours. */
async function childrenOf(configFolder: string): Promise<readonly number[]> {
  return (await runningPrograms())
    .filter(({ args, pid }) => args.includes(`--config ${configFolder}/`) && pid !== process.pid)
    .map(({ pid }) => pid);
}

/** Every process of the machine with its command line. */
export const runningPrograms = (): Promise<readonly Running[]> =>
  process.platform === 'linux' ? fromProc() : fromPs();

type Running = { readonly pid: number; readonly args: string };

/** Small images have no `ps`. A zombie has an empty command line, so it does not count. */
async function fromProc(): Promise<readonly Running[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return await Promise.all(
    pids.map(async (pid) => {
      // Ended in the meantime, or hidden from us: then it is not our child.
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid: Number(pid), args: line.replaceAll('\0', ' ') };
    }),
  );
}

async function fromPs(): Promise<readonly Running[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,args='], { maxBuffer: 64 << 20 });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, args = ''] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), args }];
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Ended by itself in the meantime: as good.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
