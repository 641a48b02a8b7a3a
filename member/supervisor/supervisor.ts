import { type ChildProcess, spawn } from 'node:child_process';
import type { Logger } from '#runtime/logger.ts';
import { failsForSpace, panicsForSpace } from './disk-verdict.ts';
import { killServer } from './kill-server.ts';
import { LogTail } from './log-tail.ts';

/** How to start a server. */
export type LaunchPlan = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

export type ServerExit = {
  readonly code: number | null;
  readonly signal: string | null;
  readonly lastLog: string[];
  readonly cause: 'DiskFull' | null;
};

export type SupervisorOptions = {
  readonly dataDirectory: string;
  readonly log: Logger;
  /** Called in the same turn in which the kernel tells of the child's end. */
  readonly onExit: (exit: ServerExit) => void;
  readonly onLogLine: (line: string) => void;
};

const LOG_LINES = 20;

/**
 * Life of one server process: a child of this agent, so that its end is known at once. It leads a process group of its
 * own: Ctrl-C in a terminal reaches the agent alone, which then stops the server in order.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  #child: ChildProcess | null = null;
  #exit: ServerExit | null = null;
  #ended: Promise<ServerExit> | null = null;
  #tail: LogTail;
  /** Why it ended, in its own words: many sessions that end with it may push that line out of the tail. */
  #panic: string | null = null;
  #linesHeard = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#tail = this.#newTail();
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** How the last server ended; null while one runs and before the first. */
  get exit(): ServerExit | null {
    return this.#exit === null ? null : { ...this.#exit, ...this.#lastWords() };
  }

  get lastLog(): readonly string[] {
    return this.#tail.lines;
  }

  /** The end of the running server, with everything it still had to say; null where none runs. */
  get ended(): Promise<ServerExit> | null {
    return this.#child === null ? null : this.#ended;
  }

  /** Starts a server; leftovers of a former one are ended first. */
  async start(plan: LaunchPlan): Promise<number | null> {
    if (this.#child !== null) throw new Error('a server runs already');
    await this.clear();
    this.#tail = this.#newTail();
    this.#exit = null;
    this.#panic = null;
    const child = spawn(plan.command, [...plan.args], {
      env: { ...plan.env },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    this.#child = child;
    const tail = this.#tail;
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => tail.push(chunk));
    child.once('error', (error) => {
      tail.push(`${plan.command}: ${error.message}\n`);
      if (child.pid === undefined) this.#end(child, null, null);
    });
    child.once('exit', (code, signal) => this.#end(child, code, signal));
    this.#ended = new Promise((resolve) => {
      const drained = (): void => resolve(this.exit ?? { code: null, signal: null, ...this.#lastWords() });
      child.once('error', drained);
      // Children of the server may hold its standard error for a moment longer: do not wait for them.
      child.once('exit', () => setTimeout(drained, 50));
      child.once('close', drained);
    });
    return child.pid ?? null;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** How many lines servers have written to their log since this agent began. */
  get linesHeard(): number {
    return this.#linesHeard;
  }

  /**
   * Ends a server that nobody has told to stop, as if it had ended by itself. @param why said behind its own last words
   * @throws DeadlineError
   */
  async kill(why: string): Promise<void> {
    this.#tail.push(`imapcluster: killed, for it ${why}\n`);
    await this.clear();
  }

  /** Ends the running server and all its processes, or whatever an earlier agent left behind. */
  async clear(): Promise<void> {
    const ended = this.ended;
    const count = await killServer(this.#options.dataDirectory, this.pid);
    if (ended !== null) await ended;
    else if (count > 0) this.#options.log.debug({ processes: count }, 'ended what an earlier server left behind');
  }

  #end(child: ChildProcess, code: number | null, signal: string | null): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#exit = { code, signal, ...this.#lastWords() };
    this.#options.onExit(this.#exit);
  }

  #lastWords(): Pick<ServerExit, 'lastLog' | 'cause'> {
    const lines = this.#tail.lines;
    const panic = this.#panic;
    const cause = panic !== null || lines.some(failsForSpace) ? 'DiskFull' : null;
    return { lastLog: panic === null || lines.includes(panic) ? [...lines] : [panic, ...lines], cause };
  }

  #newTail(): LogTail {
    return new LogTail(LOG_LINES, (line) => {
      this.#linesHeard += 1;
      if (panicsForSpace(line)) this.#panic ??= line;
      this.#options.onLogLine(line);
    });
  }
}
