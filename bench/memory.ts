import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Resident memory of each process in MiB, as `ps` tells it. */
export async function residentMiB(pids: readonly number[]): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', pids.join(',')]);
  return stdout
    .trim()
    .split('\n')
    .map((kib) => Number(kib) / 1024);
}
