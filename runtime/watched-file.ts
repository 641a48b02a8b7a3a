import { readFileSync } from 'node:fs';
import { ConfigurationError } from './configuration.ts';
import { DENIED, fileStamp } from './file-stamp.ts';
import type { Logger } from './logger.ts';

export type WatchedFileOptions<T> = {
  readonly file: string;
  /** Throws for what cannot be used. */
  readonly parse: (text: string) => T;
  readonly log: Logger;
  /** How often the file is looked at. Watching it would miss the swapped symbolic links of a mounted Secret. */
  readonly lookMs?: number;
  readonly onRenewed?: (value: T) => void;
};

/** The kubelet brings a changed Secret within a minute or two anyway. */
const LOOK_MS = 5_000;

/**
 * What a file says, read again when it changes. Where it cannot be used any more, what it said before goes on, and that is
 * told once for each state of the file.
 * @throws ConfigurationError where it cannot be used to begin with
 */
export class WatchedFile<T> {
  readonly #options: WatchedFileOptions<T>;
  readonly #timer: NodeJS.Timeout;
  #value: T;
  #seen: string;

  constructor(options: WatchedFileOptions<T>) {
    this.#options = options;
    const { file, lookMs = LOOK_MS } = options;
    try {
      // The stamp first: what changes between the two is read once more.
      this.#seen = fileStamp(file);
      this.#value = this.#read();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ConfigurationError(`${file}: ${reason}`, { cause });
    }
    this.#timer = setInterval(() => this.look(), lookMs).unref();
  }

  get current(): T {
    return this.#value;
  }

  /** Looks now; the timer does so by itself. */
  look(): void {
    const { file, log, onRenewed } = this.#options;
    const stamp = fileStamp(file);
    if (stamp === this.#seen || stamp === DENIED) return;
    this.#seen = stamp;
    try {
      this.#value = this.#read();
    } catch (error) {
      log.event('FileUnusable', { file, error: error instanceof Error ? error.message : String(error) });
      return;
    }
    log.event('FileRenewed', { file });
    onRenewed?.(this.#value);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #read(): T {
    return this.#options.parse(readFileSync(this.#options.file, 'utf8'));
  }
}
