import { readFile } from 'node:fs/promises';
import { serverProcesses } from './server-processes.ts';

/** Fields of `/proc/PID/stat` behind the name, which may hold blanks: utime, stime, cutime, cstime (proc(5): 14 to 17, after 2). */
const TIMES = [11, 15] as const;

/**
 * What changes whenever the server in `dataDirectory` does anything: which processes it has, and of each the processor time
 * (10 ms a step) and the octets that it has moved from and to the disk. null: this system does not tell.
 */
export async function signsOfWork(dataDirectory: string): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  const pids = await serverProcesses(dataDirectory);
  const signs = pids
    .toSorted((a, b) => a - b)
    .map(async (pid) => `${pid} ${await timesOf(pid)} ${await octetsOf(pid)}`);
  return (await Promise.all(signs)).join('\n');
}

async function timesOf(pid: number): Promise<string> {
  const stat = await read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(...TIMES).join(' ');
}

async function octetsOf(pid: number): Promise<string> {
  return (await read(`/proc/${pid}/io`)).match(/^(?:read|write)_bytes: \d+$/gm)?.join(' ') ?? '';
}

/** Empty where the process has ended meanwhile, or may not be looked at. */
const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
