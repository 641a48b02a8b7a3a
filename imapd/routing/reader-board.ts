import type { Target } from '#contract/routing-document.ts';
import { chooseReader, type ReaderChoice, type ReaderFacts, stillLagging } from './choose-reader.ts';
import type { Clock } from './clock.ts';
import { PositionSamples } from './position-samples.ts';

/** What a reader says of itself. */
export type ReaderReport = {
  readonly replica: boolean;
  readonly epoch: number | null;
  readonly replayed: bigint | null;
  readonly latencyMs: number;
};

/** Weight of the newest answer in the moving average of latency. */
const NEWEST = 0.3;

/** A member whose content was corrupt is not read from for this long, ms, unless it leaves the readers: rebuilt, it is new. */
export const SET_ASIDE_MS = 15 * 60_000;

type Reader = { report: ReaderReport | null; latencyMs: number; lagMs: number | null; lagging: boolean };

/** The readers of one repository: what they reported last, how old they are, which one to ask. */
export class ReaderBoard {
  readonly #clock: Clock;
  readonly #maxLagMs: number;
  readonly #random: () => number;
  readonly #samples = new PositionSamples();
  readonly #readers = new Map<string, Reader>();
  /** Until when a member is set aside, by clock time. May name the writer too: where all else fails it is read from. */
  readonly #aside = new Map<string, number>();
  #epoch = 0;
  /** Epoch that a reader must have replayed the stamp of. Without a writer the last one that had a writer will do. */
  #stamp = 0;

  constructor(options: { readonly clock: Clock; readonly maxLagMs: number; readonly random: () => number }) {
    this.#clock = options.clock;
    this.#maxLagMs = options.maxLagMs;
    this.#random = options.random;
  }

  get names(): string[] {
    return [...this.#readers.keys()];
  }

  retarget(target: Pick<Target, 'epoch' | 'writer' | 'readers'>): void {
    if (target.writer === null) this.#samples.freeze(this.#clock.now());
    else if (target.epoch !== this.#stamp) {
      this.#samples.drop();
      this.#stamp = target.epoch;
    }
    this.#epoch = target.epoch;
    for (const name of this.names) if (!target.readers.includes(name)) this.#readers.delete(name);
    for (const name of this.#aside.keys()) {
      if (!target.readers.includes(name) && name !== target.writer) this.#aside.delete(name);
    }
    for (const name of target.readers) {
      if (!this.#readers.has(name)) this.#readers.set(name, { report: null, latencyMs: 0, lagMs: null, lagging: true });
    }
  }

  /** The writer's position as asked for at `at`, under the epoch that the answer is meant for. */
  sample(epoch: number, at: number, position: bigint): void {
    if (epoch === this.#epoch) this.#samples.add(at, position);
  }

  heard(name: string, report: ReaderReport): void {
    const reader = this.#readers.get(name);
    if (reader === undefined) return;
    const first = reader.report === null;
    reader.latencyMs = first ? report.latencyMs : reader.latencyMs * (1 - NEWEST) + report.latencyMs * NEWEST;
    reader.report = report;
    reader.lagMs = this.#age(reader);
    reader.lagging = stillLagging(reader.lagging, reader.lagMs, this.#maxLagMs);
  }

  /** It does not answer, or answered with an error: out until it is heard again. */
  failed(name: string): void {
    const reader = this.#readers.get(name);
    if (reader !== undefined) reader.report = null;
  }

  /** Its content does not match its hash. False where it is set aside already. */
  setAside(name: string): boolean {
    const already = this.#isAside(name);
    this.#aside.set(name, this.#clock.now() + SET_ASIDE_MS);
    return !already;
  }

  choose(learntAt: number | undefined): ReaderChoice {
    const learntAgoMs = learntAt === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() - learntAt;
    return chooseReader(this.facts(), { learntAgoMs, random: this.#random });
  }

  /** Readers that may at least know something, the youngest first: for when there is no writer to ask. */
  lastResort(): string[] {
    const age = (reader: ReaderFacts): number => reader.ageMs ?? Number.MAX_VALUE;
    const facts = this.facts().sort((a, b) => Number(b.serving) - Number(a.serving) || age(a) - age(b));
    return facts.map((reader) => reader.name);
  }

  facts(): ReaderFacts[] {
    return [...this.#readers].map(([name, reader]) => {
      const ageMs = this.#age(reader);
      const lagging = stillLagging(reader.lagging, ageMs, this.#maxLagMs);
      return {
        name,
        serving: this.#serves(name, reader),
        ageMs,
        lagMs: reader.lagMs,
        lagging,
        latencyMs: reader.latencyMs,
      };
    });
  }

  #isAside(name: string): boolean {
    return (this.#aside.get(name) ?? Number.NEGATIVE_INFINITY) > this.#clock.now();
  }

  #serves(name: string, { report }: Reader): boolean {
    if (this.#isAside(name)) return false;
    if (report === null || !report.replica || report.replayed === null || report.epoch === null) return false;
    return report.epoch >= this.#stamp && report.epoch <= this.#epoch;
  }

  #age({ report }: Reader): number | null {
    if (report === null || report.replayed === null) return null;
    return this.#samples.ageOf(report.replayed, this.#clock.now());
  }
}
