import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const MOST_OUTPUT = 64 * 1024 * 1024;
const DEADLINE_MS = 600_000;
const execute = promisify(execFile);

/**
 * Runs a program of this machine to its end and returns what it wrote to standard output.
 * @throws Error with what it wrote to standard error, or that it is not there
 */
export async function run(
  file: string,
  words: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<string> {
  const { stdout } = await execute(file, words, {
    ...options,
    maxBuffer: MOST_OUTPUT,
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  return stdout;
}
