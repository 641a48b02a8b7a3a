import { execFile } from 'node:child_process';
import { CommandError } from './command-error.ts';

export type CommandOptions = {
  /** Written to its standard input. */
  readonly input?: string;
  readonly deadlineMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
};

const DEADLINE_MS = 60_000;
const MOST_OUTPUT = 64 * 1024 * 1024;

/**
 * Runs a program to its end and returns what it wrote to standard output.
 * @throws CommandError with what it wrote to standard error
 */
export async function runCommand(
  command: readonly [string, ...string[]],
  { input, deadlineMs = DEADLINE_MS, environment = {} }: CommandOptions = {},
): Promise<string> {
  const [file, ...words] = command;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(
    file,
    words,
    { maxBuffer: MOST_OUTPUT, timeout: deadlineMs, killSignal: 'SIGKILL', env: { ...process.env, ...environment } },
    (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const end = error.killed === true ? `no end within ${deadlineMs} ms` : `${error.code ?? error.signal}`;
      reject(new CommandError(`${command.join(' ')}: ${end}`, stderr.trimEnd().split('\n')));
    },
  );
  // A program that does not read all of it ends with its own error, which says more than a broken pipe.
  child.stdin?.on('error', () => child.stdin?.destroy());
  child.stdin?.end(input ?? '');
  return await promise;
}
