import { readFile } from 'node:fs/promises';
import { processTree } from '#demo/processes/process-tree.ts';
import type { Root, Side } from './side.ts';

/** Ticks a second in /proc, on every Linux that Node runs on. */
const TICKS = 100;
/** Of the fields after the name in /proc/PID/stat: utime, stime, and those of children that have ended, cutime and cstime. */
const [FIRST, END] = [11, 15];

/** Milliseconds by part; `all` is their sum. */
export type ProcessorTimes = Readonly<Record<string, number>>;

/**
 * Time that the processes of a side have spent on processors so far, milliseconds, those that have ended in between
 * among them. Linux only.
 */
export async function processorTimes(side: Side): Promise<ProcessorTimes> {
  const byPart = await ofTrees(side, timeOf);
  return { ...byPart, all: Object.values(byPart).reduce((a, b) => a + b, 0) };
}

/** Memory of the processes of a side in KiB, where what several share counts once (PSS); `all` is the sum. */
export async function memoryKiB(side: Side): Promise<Readonly<Record<string, number>>> {
  const byPart = await ofTrees(side, proportionalKiB);
  return { ...byPart, all: Object.values(byPart).reduce((a, b) => a + b, 0) };
}

async function ofTrees(side: Side, measure: (pid: number) => Promise<number>): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { part, pid } of await side.roots()) {
    sums[part] = (sums[part] ?? 0) + (await ofTree({ part, pid }, measure));
  }
  return sums;
}

async function ofTree({ pid }: Root, measure: (pid: number) => Promise<number>): Promise<number> {
  const each = await Promise.all((await processTree(pid)).map((process) => ofProcess(process.pid, measure)));
  return each.reduce((a, b) => a + b, 0);
}

/** One that has ended meanwhile has nothing; its parent has its times. */
async function ofProcess(pid: number, measure: (pid: number) => Promise<number>): Promise<number> {
  return await measure(pid).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ESRCH') return 0;
    throw cause;
  });
}

async function timeOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name may hold spaces and brackets; what follows it does not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(FIRST, END).reduce((sum, field) => sum + Number(field), 0);
  return (ticks * 1_000) / TICKS;
}

async function proportionalKiB(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
}
