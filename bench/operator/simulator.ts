import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { within } from '#runtime/deadline.ts';
import type { World } from './world.ts';

export type Question =
  | { readonly kind: 'settle'; readonly world: World }
  | { readonly kind: 'lose'; readonly partition: number }
  | { readonly kind: 'late' }
  | { readonly kind: 'look' };

export type Answer = { readonly id: number; readonly value?: unknown; readonly error?: string };

/** Partitions whose replicas stream, partitions whose agents have a reader each, imapd that obey a document. */
export type Look = { readonly whole: number; readonly followed: number; readonly told: number };

/** An operator that has done nothing by then is dead or refuses to. */
const ACTS_WITHIN_MS = 60_000;

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

/** The process that plays agents and imapd, as the bench speaks to it. */
export class Simulator implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ id, value, error }: Answer) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    });
    child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the simulator has ended'));
    });
  }

  /** Returns when everybody answers. @throws Error where an address is taken */
  static async start(world: World): Promise<Simulator> {
    const simulator = new Simulator(fork(join(import.meta.dirname, 'simulator-main.ts')));
    try {
      await simulator.#ask({ kind: 'settle', world });
      return simulator;
    } catch (error) {
      await simulator[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * The partition of that number loses its primary. Returns the time until the operator acts, in milliseconds.
   * @throws DeadlineError where it does not · the signal's reason
   */
  async lose(partition: number, signal: AbortSignal): Promise<number> {
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      const acted = Promise.race([this.#ask({ kind: 'lose', partition }), stopped]);
      return (await within(ACTS_WITHIN_MS, `partition ${partition} without its primary`, acted)) as number;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** By how much its event loop was late since this was asked last, at the 99th percentile. */
  async lateMs(): Promise<number> {
    return (await this.#ask({ kind: 'late' })) as number;
  }

  async look(): Promise<Look> {
    return (await this.#ask({ kind: 'look' })) as Look;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #ask(question: Question): Promise<unknown> {
    this.#asked += 1;
    const id = this.#asked;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#child.send({ id, question });
    return await promise;
  }
}
