import { readFile } from 'node:fs/promises';

/** Ticks a second in /proc, on every Linux that Node runs on. */
const TICKS = 100;
/** Of the fields after the name in /proc/PID/stat: utime and stime. */
const [USER, SYSTEM] = [11, 12];

/** Time that a process has spent on processors, all its threads together, in milliseconds. Linux only. */
export async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name may hold spaces and brackets; what follows it does not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[USER]) + Number(fields[SYSTEM])) * 1_000) / TICKS;
}
