import type { Observation } from '#database/observation.ts';
import { pause } from '#runtime/deadline.ts';
import type { Engine } from '../engine.ts';
import { afterRound, noProbe, type ProbeRound, type ProbeState, probe } from './probe.ts';

export type WatchOptions = {
  readonly engine: Engine;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** The server that there is to ask; null where none runs. */
  readonly serverPid: () => number | null;
  readonly onRound: () => void;
};

/** The agent's eyes: probes the server for ever and keeps what it saw last. */
export class Watch {
  readonly #options: WatchOptions;
  #probe: ProbeState = noProbe;
  #observation: Observation | null = null;
  /** The server that these are of: the failures of one that was killed say nothing of the one started after it. */
  #of: number | null = null;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  get probe(): ProbeState {
    return this.#isCurrent() ? this.#probe : noProbe;
  }

  /** What the server said last; null where it does not run. With failures in `probe`, this is from before them. */
  get observation(): Observation | null {
    return this.#isCurrent() ? this.#observation : null;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#round();
      await pause(this.#options.intervalMs, signal);
    }
  }

  /** Looks at the server outside the rounds: its answer must not be older than this call. */
  async look(): Promise<void> {
    const round = await this.#ask();
    // A failure is the next round's to count: probes are counted by their interval.
    if (round?.ok === true) this.#observation = round.observation;
    if (round !== null) this.#options.onRound();
  }

  async #round(): Promise<void> {
    const round = await this.#ask();
    if (round === null) return;
    this.#probe = afterRound(this.#probe, round, this.#options.engine);
    if (round.ok) this.#observation = round.observation;
    this.#options.onRound();
  }

  /** Null where there is no server, or it ended while it was asked: its exit says more than a failed probe. */
  async #ask(): Promise<ProbeRound | null> {
    const { engine, timeoutMs, serverPid } = this.#options;
    const pid = serverPid();
    if (pid === null) return null;
    const round = await probe(engine, timeoutMs);
    if (serverPid() !== pid) return null;
    if (this.#of !== pid) {
      this.#of = pid;
      this.#probe = noProbe;
      this.#observation = null;
    }
    return round;
  }

  #isCurrent(): boolean {
    const pid = this.#options.serverPid();
    return pid !== null && pid === this.#of;
  }
}
