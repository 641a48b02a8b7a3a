import { pause } from '#runtime/deadline.ts';
import type { Engine, Observation } from '../engine.ts';
import { afterRound, noProbe, type ProbeState, probe } from './probe.ts';

export type WatchOptions = {
  readonly engine: Engine;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Whether there is a server to ask. */
  readonly isRunning: () => boolean;
  readonly onRound: () => void;
};

/** The agent's eyes: probes the server for ever and keeps what it saw last. */
export class Watch {
  readonly #options: WatchOptions;
  #probe: ProbeState = noProbe;
  #observation: Observation | null = null;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  get probe(): ProbeState {
    return this.#probe;
  }

  /** What the server said last; null where it does not run. With failures in `probe`, this is from before them. */
  get observation(): Observation | null {
    return this.#options.isRunning() ? this.#observation : null;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#round();
      await pause(this.#options.intervalMs, signal);
    }
  }

  /** Looks at the server outside the rounds: its answer must not be older than this call. */
  async look(): Promise<void> {
    const { engine, timeoutMs, isRunning, onRound } = this.#options;
    if (!isRunning()) return;
    const round = await probe(engine, timeoutMs);
    // A failure is the next round's to count: probes are counted by their interval.
    if (round.ok && isRunning()) this.#observation = round.observation;
    onRound();
  }

  async #round(): Promise<void> {
    const { engine, timeoutMs, isRunning, onRound } = this.#options;
    if (!isRunning()) {
      this.#probe = noProbe;
      this.#observation = null;
      return;
    }
    const round = await probe(engine, timeoutMs);
    // Ended while it was asked: its exit says more than the failed probe.
    if (!isRunning()) return;
    this.#probe = afterRound(this.#probe, round, engine);
    if (round.ok) this.#observation = round.observation;
    onRound();
  }
}
