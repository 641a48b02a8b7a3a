import type { AgentReport } from '#contract/agent-report.ts';
import type { MemberName } from '#contract/names.ts';
import { comparePositions, holds, type LogPosition } from '../../engine/compare-positions.ts';

type Sample = LogPosition & { readonly at: number };

/** One comes each second; ten minutes of them all would be most of what an operator of a thousand partitions keeps in mind. */
const KEPT_SAMPLES = 100;
/** So many more before some go. To find who is missed least all are looked at: with each sample, that was an eighth of what an operator does. */
const SPARE_SAMPLES = 20;

/**
 * How old a replica's data is, without a write of its own: the primary's position is noted with the time, and a replica
 * is as old as the newest note it has reached. Frozen while the primary says nothing: what was known last is the bound
 * on what its death can lose. Its agent may have fallen silent long before imapd lost it, and all that while it may have
 * acknowledged: so it counts as heard when an imapd process last had an answer of it, too.
 *
 *   notes   t=1 0/10   t=2 0/20   t=3 0/30        primary last heard at t=3
 *   replica received 0/25  →  has everything up to t=2  →  1 s behind
 *   imapd last had an answer at t=9                →  7 s behind
 */
export class LagTracker {
  #samples: Sample[] = [];
  readonly #caughtUpAt = new Map<MemberName, number>();
  /** When the primary was last heard, by us or by imapd, and might have written what nobody has. */
  #heardAt: number | null = null;

  /** `at` in monotonic milliseconds. Reports of the primary and of replicas, as they come. */
  note(report: AgentReport, isPrimary: boolean, at: number): void {
    const { replication, probe } = report;
    // With a probe that failed, what is reported is from before it.
    if (replication === null || report.state !== 'running' || probe.consecutiveFailures > 0) return;
    const position = { timeline: replication.timeline, received: replication.received };
    if (isPrimary) this.#notePrimary({ ...position, at });
    else this.#noteReplica(report.member as MemberName, position, replication.mayLack === true);
  }

  /** An imapd process had an answer of the primary then. */
  noteAnswered(at: number): void {
    this.#heardAt = Math.max(at, this.#heardAt ?? 0);
  }

  /** A new primary begins a new history. */
  reset(): void {
    this.#samples = [];
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
    this.noteAnswered(sample.at);
    const last = this.#samples.at(-1);
    // An idle primary stays where it is: whoever has reached that has reached it now.
    if (last !== undefined && comparePositions(last, sample) === 0) this.#samples.pop();
    this.#samples.push(sample);
    if (this.#samples.length > KEPT_SAMPLES + SPARE_SAMPLES) this.#samples = thinnedOut(this.#samples, sample.at);
  }

  /** @param mayLack it may have had more before its server was started: what it had then is no bound any more */
  #noteReplica(member: MemberName, position: LogPosition, mayLack: boolean): void {
    const reached = this.#samples.findLast((sample) => holds(position, sample));
    if (mayLack) this.#caughtUpAt.delete(member);
    if (reached === undefined) return;
    this.#caughtUpAt.set(member, Math.max(reached.at, this.#caughtUpAt.get(member) ?? 0));
  }
}

/**
 * As many as are kept. Those go that are missed least: whose neighbours are closest to each other for their age. So seconds are told
 * apart among the last ones, and minutes among those from hours ago; who is far behind passes for somewhat older than it is. Of two
 * neighbours one stays, for the other was to be missed less on its account.
 */
function thinnedOut(samples: readonly Sample[], now: number): Sample[] {
  const at = (index: number): number => samples[index]?.at ?? 0;
  const inner = Array.from({ length: samples.length - 2 }, (_, before) => {
    const index = before + 1;
    return { index, missed: (at(index + 1) - at(index - 1)) / (now - at(index)) };
  });
  const gone = new Set<number>();
  for (const { index } of inner.sort((a, b) => a.missed - b.missed)) {
    if (samples.length - gone.size <= KEPT_SAMPLES) break;
    if (!gone.has(index - 1) && !gone.has(index + 1)) gone.add(index);
  }
  return samples.filter((_, index) => !gone.has(index));
}
