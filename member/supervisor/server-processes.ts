import { execFile } from 'node:child_process';
import { readdir, readlink, realpath } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * Processes of the server that works in `dataDirectory`, whoever started them: the server and its children all have it
 * as their working directory. Found so, an orphan's children are known even after the server itself is gone, and a
 * process number that was used again is never mistaken for ours.
 */
export async function serverProcesses(dataDirectory: string): Promise<number[]> {
  const directory = await realpath(dataDirectory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (directory === null) return [];
  return process.platform === 'linux' ? await byWorkingDirectory(directory) : await byCommandLine(directory);
}

async function byWorkingDirectory(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      // Unreadable: another user's process, or one that has just ended. Neither is ours.
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => null);
      return cwd === directory ? Number(pid) : null;
    }),
  );
  return found.filter((pid) => pid !== null && pid !== process.pid).map(Number);
}

async function byCommandLine(directory: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,command=']);
  const rows = stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    return match === null ? [] : [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3] ?? '' }];
  });
  const servers = rows.filter((row) => row.command.includes(`-D ${directory}`) && row.pid !== process.pid);
  const own = new Set(servers.map((row) => row.pid));
  return rows.filter((row) => own.has(row.pid) || own.has(row.parent)).map((row) => row.pid);
}
