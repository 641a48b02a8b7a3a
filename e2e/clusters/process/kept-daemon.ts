import { pause } from '#runtime/deadline.ts';
import { Daemon, type DaemonOptions } from './daemon.ts';
import { lastLines } from './kept-log.ts';

/** As the service manager of a machine does: at once would only fill the log. */
const RESTART_MS = 1_000;

/** A daemon that is started again when it dies, until it is told to stay down. */
export class KeptDaemon {
  readonly #options: DaemonOptions;
  readonly #log: (text: string) => void;
  #current: Daemon | null = null;
  /** Counts what was wanted: a restart that was under way when the wish changed is none any more. */
  #wish = 0;

  constructor(options: DaemonOptions, log: (text: string) => void) {
    this.#options = options;
    this.#log = log;
  }

  get name(): string {
    return this.#options.name;
  }

  async start(): Promise<Daemon> {
    if (this.#current?.running === true) return this.#current;
    const wish = ++this.#wish;
    const daemon = await Daemon.start(this.#options);
    this.#current = daemon;
    this.#watch(daemon, wish).catch((error: Error) => this.#log(`${this.name} is not started again: ${error.message}`));
    return daemon;
  }

  /** Hangs it, wakes it, or makes it die and be started again. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    await this.#current?.signal(signal);
  }

  /** Dies at once and stays down. */
  async holdDown(): Promise<void> {
    this.#wish += 1;
    await this.#current?.kill();
  }

  async stop(): Promise<void> {
    this.#wish += 1;
    await this.#current?.stop();
  }

  async #watch(daemon: Daemon, wish: number): Promise<void> {
    const end = await daemon.ended;
    if (wish !== this.#wish) return;
    const lines = await lastLines(daemon.logFile);
    this.#log(`${this.name} ended with ${end} and is started again; its last lines:\n  ${lines.join('\n  ')}`);
    await pause(RESTART_MS);
    if (wish === this.#wish) await this.start();
  }
}
