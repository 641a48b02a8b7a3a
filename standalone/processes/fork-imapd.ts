import type { ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';
import { join } from 'node:path';
import { childEnvironment } from './spawn-program.ts';

/**
 * Starts an imapd as a worker of node:cluster: this process holds the listening ports, as root where they are below
 * 1024, and hands connections to the workers in turn.
 */
export function forkImapd(folder: string, configFile: string): ChildProcess {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  // The settings are the whole process's, but each fork takes those in force at its moment.
  cluster.setupPrimary({
    exec: join(folder, 'imapd/main.ts'),
    args: ['--config', configFile],
    execArgv: [],
    cwd: '/',
    stdio: STDIO,
  });
  return cluster.fork(childEnvironment()).process;
}

const STDIO: ('pipe' | 'inherit' | 'ipc')[] = ['pipe', 'inherit', 'inherit', 'ipc'];
