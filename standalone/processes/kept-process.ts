import type { ChildProcess } from 'node:child_process';
import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import { EXIT_PORT_TAKEN } from '#runtime/program-options.ts';
import { deathsInARow, restartDelay } from './restart-delay.ts';

/** `starting`: alive, not ready. `waiting`: dead, to be started again after the delay. `stopped`: for good. */
export type ProcessState = 'starting' | 'running' | 'waiting' | 'stopped';

export type ProcessKind = 'agent' | 'operator' | 'imapd';

/** A child as `imapctl status` shows it. */
export type ProcessReport = {
  readonly kind: ProcessKind;
  readonly name: string;
  readonly state: ProcessState;
  readonly pid: number | null;
  readonly restarts: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number | null;
};

export type KeptProcessOptions = {
  readonly kind: ProcessKind;
  readonly name: string;
  /** Starts the child. Its standard input is a pipe that stays open for as long as this process lives. */
  readonly launch: () => ChildProcess;
  readonly log: Logger;
  readonly now: () => number;
  /** Whether a message of the child says that it is ready; until then it is `starting`. Without it: ready at once. */
  readonly isReady?: (message: unknown) => boolean;
  /** Called with every message of the child (`process.send`). */
  readonly onMessage?: (message: unknown) => void;
  /** Called at every start and end. */
  readonly onChange?: () => void;
  /** Called where the child has never been ready, because a port of its is taken, and goes on to be so. */
  readonly onPortTaken?: () => void;
};

/** A program that is just ending may have a port still: so many starts in vain, over three seconds, are another matter. */
const HOPELESS_STARTS = 6;

/** Keeps one child alive: started again, with a growing delay, whenever it ends before it was told to. */
export class KeptProcess {
  readonly #options: KeptProcessOptions;
  readonly #stopping = new AbortController();
  #child: ChildProcess | null = null;
  #state: ProcessState = 'starting';
  #startedAt: number | null = null;
  #starts = 0;
  #deaths = 0;
  #everReady = false;
  #portTaken = false;
  #life: Promise<void> = Promise.resolve();
  #held: Promise<void> = Promise.resolve();

  constructor(options: KeptProcessOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get child(): ChildProcess | null {
    return this.#child;
  }

  /** It has never been ready, because a port of its is taken, as `onPortTaken` has said. */
  get portTaken(): boolean {
    return this.#portTaken && !this.#everReady;
  }

  report(): ProcessReport {
    return {
      kind: this.#options.kind,
      name: this.name,
      state: this.#state,
      pid: this.#child?.pid ?? null,
      restarts: Math.max(0, this.#starts - 1),
      startedAt: this.#startedAt,
    };
  }

  start(): void {
    this.#life = this.#live();
  }

  /** Tells the child to end and waits until it has; kills it once the signal fires. */
  async stop(hurry: AbortSignal): Promise<void> {
    this.#stopping.abort();
    const kill = (): void => this.signal('SIGKILL');
    if (hurry.aborted) kill();
    else hurry.addEventListener('abort', kill, { once: true });
    this.signal('SIGTERM');
    await this.#life;
    hurry.removeEventListener('abort', kill);
  }

  /** From now on a child that ends stays away, as one on a host without power, until the function given back is called. */
  holdRestarts(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    this.#stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    return () => resolve();
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** @returns false where there is no child to hear it */
  send(message: object): boolean {
    if (this.#child?.connected !== true) return false;
    // The callback takes the error of a child that ends in this moment; its restart is announced by itself.
    this.#child.send(message, () => undefined);
    return true;
  }

  async #live(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#oneLife();
      if (this.#stopping.signal.aborted) break;
      this.#change('waiting');
      await pause(restartDelay(this.#deaths), this.#stopping.signal);
      await this.#held;
    }
    this.#change('stopped');
  }

  async #oneLife(): Promise<void> {
    const { launch, log, now, onMessage, isReady } = this.#options;
    const child = launch();
    this.#child = child;
    this.#starts += 1;
    this.#startedAt = now();
    if (onMessage !== undefined) child.on('message', onMessage);
    // Written to by nobody; a child that closes its end must not bring this process down.
    child.stdin?.on('error', () => undefined);
    this.#change(isReady === undefined ? 'running' : 'starting');
    child.on('message', (message) => {
      if (isReady?.(message) !== true) return;
      this.#everReady = true;
      this.#change('running');
    });
    const [code, signal] = await ended(child);
    this.#child = null;
    this.#deaths = deathsInARow(this.#deaths, now() - this.#startedAt);
    if (this.#stopping.signal.aborted) return;
    if (code === EXIT_PORT_TAKEN) this.#notePortTaken();
    log.event('ProcessDied', { process: this.name, exitCode: code, signal, restartInMs: restartDelay(this.#deaths) });
  }

  /** Told once. What it ended of before may have been something else. */
  #notePortTaken(): void {
    if (this.#everReady || this.#portTaken || this.#deaths < HOPELESS_STARTS) return;
    this.#portTaken = true;
    this.#options.onPortTaken?.();
  }

  #change(state: ProcessState): void {
    this.#state = state;
    this.#options.onChange?.();
  }
}

/** A child without a number could not be started at all; any other error of it is told by its end. */
async function ended(child: ChildProcess): Promise<readonly [number | null, string | null]> {
  const { promise, resolve } = Promise.withResolvers<readonly [number | null, string | null]>();
  child.once('exit', (code, signal) => resolve([code, signal]));
  child.on('error', (error: NodeJS.ErrnoException) => {
    if (child.pid === undefined) resolve([null, error.code ?? 'error']);
  });
  return await promise;
}
