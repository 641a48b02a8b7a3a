import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export type ProgramOptions = {
  /** Where the sources are: `program-folder.ts`. */
  readonly folder: string;
  /** Path below it: `member/main.ts`. */
  readonly program: string;
  readonly configFile: string;
  /** Also a channel for messages. */
  readonly ipc?: boolean;
  /** Standard output: the supervisor's own, or read by it. */
  readonly output?: 'inherit' | 'pipe';
};

/**
 * Starts `node PROGRAM --config FILE` as a child that notices our death: its standard input is a pipe of which we hold
 * the other end. It leads a process group of its own, so that Ctrl-C in a terminal reaches the supervisor alone, which
 * then ends its children in the right order.
 */
export function spawnProgram({
  folder,
  program,
  configFile,
  ipc = false,
  output = 'inherit',
}: ProgramOptions): ChildProcess {
  return spawn(process.execPath, [join(folder, program), '--config', configFile], {
    cwd: '/',
    detached: true,
    env: childEnvironment(),
    stdio: ['pipe', output, 'inherit', ...(ipc ? (['ipc'] as const) : [])],
  });
}

/** The supervisor's environment, and the request to watch standard input. */
export function childEnvironment(): NodeJS.ProcessEnv {
  // A worker of node:cluster is known by this variable: a grandchild must not take itself for one.
  const { NODE_UNIQUE_ID: _, ...env } = process.env;
  return { ...env, IMAPCLUSTER_PARENT: 'stdin' };
}
