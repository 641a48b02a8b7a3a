import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pause } from '#runtime/deadline.ts';
import { CommandError } from './command-error.ts';
import { lastLines } from './kept-log.ts';
import { childOf } from './process-tree.ts';
import { waitFor } from './wait-for.ts';

export type DaemonOptions = {
  /** For messages: "etcd", "node1 kubelet". */
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Everything it writes is appended here. */
  readonly logFile: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The command enters a pid namespace and waits there for its child (nsenter): signals are for the child. */
  readonly nested?: boolean;
};

const STOP_MS = 10_000;
/** However this process ends, SIGKILL included, nothing that it started outlives it. Only Linux has that. */
const DIE_WITH_US = process.platform === 'linux' ? ['setpriv', '--pdeathsig=KILL', '--'] : [];

/** A program that runs until it is told to stop. Its death without that is an error with its last lines. */
export class Daemon {
  readonly name: string;
  readonly logFile: string;
  readonly pid: number;
  /** How it ended: an exit code or a signal. Never rejects. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;
  readonly #nested: boolean;
  #end: number | NodeJS.Signals | null = null;

  private constructor(options: DaemonOptions, child: ChildProcess, ended: Promise<number | NodeJS.Signals>) {
    this.name = options.name;
    this.logFile = options.logFile;
    this.#child = child;
    this.#nested = options.nested === true;
    this.pid = child.pid ?? 0;
    this.ended = ended.then((end) => {
      this.#end = end;
      return end;
    });
  }

  /** @throws Error where the program cannot be executed */
  static async start(options: DaemonOptions): Promise<Daemon> {
    await mkdir(dirname(options.logFile), { recursive: true });
    const log: FileHandle = await open(options.logFile, 'a');
    try {
      const [file = '', ...words] = [...DIE_WITH_US, ...options.command];
      const child = spawn(file, words, {
        stdio: ['ignore', log.fd, log.fd],
        env: { ...process.env, ...options.environment },
        // A group of its own: Ctrl-C in the terminal is ours to pass on, in our order.
        detached: true,
      });
      const ended = Promise.withResolvers<number | NodeJS.Signals>();
      child.once('exit', (code, signal) => ended.resolve(code ?? signal ?? 0));
      const started = Promise.withResolvers<void>();
      child.once('spawn', started.resolve).once('error', started.reject);
      await started.promise;
      return new Daemon(options, child, ended.promise);
    } finally {
      await log.close();
    }
  }

  get running(): boolean {
    return this.#end === null;
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    if (!this.running) return;
    const nested = this.#nested ? await childOf(this.pid) : null;
    if (nested === null) {
      this.#child.kill(signal);
      return;
    }
    signalUnlessGone(nested, signal);
    // nsenter stops itself together with its child, and would sleep through the child's awakening and its death.
    if (signal !== 'SIGSTOP') this.#child.kill('SIGCONT');
  }

  /** Asks, and insists after a while. */
  async stop(deadlineMs = STOP_MS): Promise<void> {
    await this.signal('SIGTERM');
    // One that was stopped by SIGSTOP hears nothing else.
    await this.signal('SIGCONT');
    const asked = await Promise.race([this.ended.then(() => true), pause(deadlineMs).then(() => false)]);
    if (!asked) await this.kill();
  }

  async kill(): Promise<void> {
    await this.signal('SIGKILL');
    await this.ended;
  }

  /**
   * Waits until `ready` says yes.
   * @throws CommandError with the last lines of the log, at the program's death or after `deadlineMs`
   */
  async until(
    ready: () => Promise<boolean>,
    { deadlineMs, what }: { deadlineMs: number; what: string },
  ): Promise<void> {
    const died = this.ended.then(async (end): Promise<never> => {
      throw new CommandError(`${this.name} ended with ${end} before it was ${what}`, await lastLines(this.logFile));
    });
    const controller = new AbortController();
    const waiting = waitFor(ready, { deadlineMs, what: `${this.name} ${what}`, signal: controller.signal });
    try {
      await Promise.race([waiting, died]);
    } catch (cause) {
      controller.abort();
      if (cause instanceof CommandError) throw cause;
      throw new CommandError(`${this.name} is not ${what}: ${(cause as Error).message}`, await lastLines(this.logFile));
    }
  }
}

/** It may have gone since it was looked for: with the machine that it runs on, for one. */
function signalUnlessGone(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
