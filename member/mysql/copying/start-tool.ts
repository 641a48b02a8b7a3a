import { type ChildProcess, spawn } from 'node:child_process';
import { basename } from 'node:path';
import { serverEnvironment } from '#database/mysql/programs/create-data.ts';
import { LogTail } from '../../supervisor/log-tail.ts';

export type ToolOptions = {
  readonly args: readonly string[];
  /** Where it reads from and writes to. */
  readonly stdio: readonly ['pipe' | 'ignore', 'pipe' | 'ignore'];
  /** Kills it. */
  readonly signal: AbortSignal;
  readonly onLine?: (line: string) => void;
};

export type Tool = {
  readonly child: ChildProcess;
  /** Resolves once it has ended well and said all that it had to say. @throws Error in its last words, or the signal's reason */
  readonly ended: Promise<void>;
};

const LAST_LINES = 20;

/** Starts a program of the database that does its work and ends. */
export function startTool(program: string, { args, stdio, signal, onLine }: ToolOptions): Tool {
  signal.throwIfAborted();
  const child = spawn(program, [...args], { env: { ...serverEnvironment }, stdio: [...stdio, 'pipe'] });
  const tail = new LogTail(LAST_LINES, (line) => onLine?.(line));
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => tail.push(piece));
  // It may end before it has read everything; why is in its last words.
  child.stdin?.on('error', () => undefined);
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  child.once('error', reject);
  child.once('close', (code, killedBy) => {
    signal.removeEventListener('abort', kill);
    if (code === 0) resolve();
    else if (signal.aborted) reject(signal.reason);
    else reject(new Error(`${basename(program)}: ${lastWords(tail.lines) ?? `ended by ${code ?? killedBy}`}`));
  });
  // Whoever waits for it hears of it; it may fail before anybody does.
  ended.catch(() => undefined);
  return { child, ended };
}

/** What went wrong is not always said last. */
const lastWords = (lines: readonly string[]): string | undefined =>
  lines.findLast((line) => /error|failed|no space/i.test(line)) ?? lines.findLast((line) => line.trim() !== '');
