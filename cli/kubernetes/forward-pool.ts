import type { Duplex } from 'node:stream';
import { CliError, EXIT } from '../cli-error.ts';
import type { ForwardTarget } from './open-forward.ts';

export type ForwardPoolOptions = {
  /** Pods that may be asked, as they are now; any of them does. @throws CliError where there is none */
  readonly targets: () => Promise<readonly ForwardTarget[]>;
  readonly open: (target: ForwardTarget) => Promise<Duplex>;
};

/** A node that is lost closes no connection; that its pods are not ready is known after a minute. */
const CHECK_MS = 10_000;

/**
 * Connections to pods, each to the next of those that are ready. One that cannot be reached is passed over; when a pod
 * goes away, so do the connections to it, and what waits for its answer fails and may be tried with another.
 */
export class ForwardPool {
  readonly #options: ForwardPoolOptions;
  readonly #streams = new Map<Duplex, string>();
  #turn = 0;
  #checking: NodeJS.Timeout | null = null;

  constructor(options: ForwardPoolOptions) {
    this.#options = options;
  }

  /** @throws CliError */
  async open(): Promise<Duplex> {
    const targets = await this.#options.targets();
    const first = this.#turn++;
    let failure: unknown = new CliError('no pod is ready', EXIT.unreachable);
    for (const index of targets.keys()) {
      const target = targets[(first + index) % targets.length];
      if (target === undefined) continue;
      try {
        return this.#keep(await this.#options.open(target), target.pod);
      } catch (error) {
        // A right that is missing is missing for every pod.
        if (!(error instanceof CliError) || error.exitCode !== EXIT.unreachable) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  #keep(stream: Duplex, pod: string): Duplex {
    this.#streams.set(stream, pod);
    stream.once('close', () => {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.#stopChecking();
    });
    this.#checking ??= setInterval(() => void this.#check(), CHECK_MS).unref();
    return stream;
  }

  async #check(): Promise<void> {
    try {
      const ready = new Set((await this.#options.targets()).map(({ pod }) => pod));
      for (const [stream, pod] of this.#streams) {
        if (!ready.has(pod)) stream.destroy(new Error(`the pod ${pod} went away`));
      }
    } catch (error) {
      // Nobody is ready, or the API server is away: no reason to end what may still go on.
      if (!(error instanceof CliError)) throw error;
    }
  }

  #stopChecking(): void {
    if (this.#checking !== null) clearInterval(this.#checking);
    this.#checking = null;
  }
}
