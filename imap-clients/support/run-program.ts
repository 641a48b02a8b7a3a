import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { RunAs } from '#runtime/privileges.ts';

export type Ended = { readonly code: number | null; readonly output: string };

export type RunningProgram = {
  readonly child: ChildProcess;
  /** Standard output and standard error so far. */
  output(): string;
  /** Standard output alone. */
  printed(): string;
  /** Settles when the output contains the text. @throws Error where the program ends first */
  says(text: string): Promise<void>;
  /** Sends SIGKILL to the program and to all that it has started. */
  kill(): void;
  readonly ended: Promise<Ended>;
};

export type ProgramOptions = {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly deadlineMs?: number;
  /** Whom it runs as, where not as whoever runs the tests. */
  readonly as?: RunAs | null;
};

const DEADLINE_MS = 120_000;

/** Starts a program in a process group of its own; it is killed when its time is over. */
export function startProgram(command: readonly [string, ...string[]], options: ProgramOptions): RunningProgram {
  const [name, ...words] = command;
  const child = spawn(name, words, {
    cwd: options.folder,
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    ...options.as,
  });
  const kill = (): void => killGroup(child);
  const timer = setTimeout(kill, options.deadlineMs ?? DEADLINE_MS);
  let [output, printed] = ['', ''];
  const looks = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (stream === child.stdout) printed += text;
      for (const look of looks) look();
    });
  }
  // A program that ends without having read everything.
  child.stdin.on('error', () => undefined);
  if (options.input !== undefined) child.stdin.end(options.input);
  const ended = once(child, 'close').then(
    (): Ended => ({ code: child.exitCode, output }),
    (cause: Error): Ended => ({ code: null, output: cause.message }),
  );
  void ended.finally(() => clearTimeout(timer));
  return {
    child,
    output: () => output,
    printed: () => printed,
    async says(text) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = (): void => {
        if (output.includes(text)) resolve();
      };
      looks.add(look);
      void ended.then(() => reject(new Error(`${name} ended without saying "${text}":\n${output}`)));
      look();
      await promise;
      looks.delete(look);
    },
    kill,
    ended,
  };
}

/** Runs a program to its end. @throws Error with its output where it ends with another code than 0 */
export async function runProgram(command: readonly [string, ...string[]], options: ProgramOptions): Promise<string> {
  const { code, output } = await startProgram(command, { input: '', ...options }).ended;
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (cause) {
    // It has ended in the meantime.
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
}
