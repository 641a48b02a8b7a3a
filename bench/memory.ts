import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { pause } from '#runtime/deadline.ts';

const KIB_PER_MIB = 1024;

/** Resident memory of a process in MiB: what the kernel says (Linux), or `ps`. */
export async function residentMiB(pid: number): Promise<number> {
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / KIB_PER_MIB;
  }
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / KIB_PER_MIB;
}

export type Growth = {
  readonly seconds: number;
  /** Highest resident memory while the work went on, less that before it, MiB. */
  readonly peakMiB: number;
  /** Resident memory when the work was done, less that before it, MiB. */
  readonly afterMiB: number;
};

/**
 * Does the work while it watches how far a process grows. Nobody asks that process to collect its garbage, neither before nor
 * after: the figure is what an operator of machines sees.
 */
export async function growthDuring(pid: number, everyMs: number, work: () => Promise<unknown>): Promise<Growth> {
  const before = await residentMiB(pid);
  let peak = before;
  const done = new AbortController();
  const watching = (async () => {
    do peak = Math.max(peak, await residentMiB(pid));
    while ((await pause(everyMs, done.signal)) === 'elapsed');
  })();
  const begun = performance.now();
  let seconds = 0;
  try {
    await work();
    seconds = (performance.now() - begun) / 1000;
  } finally {
    done.abort();
    await watching;
  }
  const after = await residentMiB(pid);
  return { seconds, peakMiB: Math.max(peak, after) - before, afterMiB: after - before };
}
