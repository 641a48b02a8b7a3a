import type { AgentReport } from '#contract/agent-report.ts';
import type { MemberName } from '#contract/names.ts';
import { comparePositions, type LogPosition } from '../engine/compare-positions.ts';

type Sample = LogPosition & { readonly at: number };

const KEPT_SAMPLES = 600;

/**
 * How old a replica's data is, without a write of its own: the primary's position is noted with the time, and a replica
 * is as old as the newest note it has reached. Frozen while the primary says nothing: what was known last is the bound
 * on what its death can lose.
 *
 *   notes   t=1 0/10   t=2 0/20   t=3 0/30        primary last heard at t=3
 *   replica received 0/25  →  has everything up to t=2  →  1 s behind
 */
export class LagTracker {
  readonly #samples: Sample[] = [];
  readonly #caughtUpAt = new Map<MemberName, number>();
  /** When the primary was last heard, and might have written what nobody has. */
  #heardAt: number | null = null;

  /** `at` in monotonic milliseconds. Reports of the primary and of replicas, as they come. */
  note(report: AgentReport, isPrimary: boolean, at: number): void {
    const replication = report.replication;
    if (replication === null || report.state !== 'running') return;
    const position = { timeline: replication.timeline, received: replication.received };
    if (isPrimary) this.#notePrimary({ ...position, at });
    else this.#noteReplica(report.member as MemberName, position);
  }

  /** A new primary begins a new history. */
  reset(): void {
    this.#samples.length = 0;
    this.#caughtUpAt.clear();
    this.#heardAt = null;
  }

  /** Seconds each replica was behind when the primary was last heard. */
  lagSeconds(): ReadonlyMap<MemberName, number> {
    const heard = this.#heardAt;
    if (heard === null) return new Map();
    return new Map([...this.#caughtUpAt].map(([member, at]) => [member, Math.max(0, heard - at) / 1_000]));
  }

  #notePrimary(sample: Sample): void {
    this.#heardAt = sample.at;
    const last = this.#samples.at(-1);
    // An idle primary stays where it is: whoever has reached that has reached it now.
    if (last !== undefined && comparePositions(last, sample) === 0) this.#samples.pop();
    this.#samples.push(sample);
    if (this.#samples.length > KEPT_SAMPLES) this.#samples.shift();
  }

  #noteReplica(member: MemberName, position: LogPosition): void {
    const reached = this.#samples.findLast((sample) => comparePositions(sample, position) <= 0);
    if (reached === undefined) return;
    this.#caughtUpAt.set(member, Math.max(reached.at, this.#caughtUpAt.get(member) ?? 0));
  }
}
