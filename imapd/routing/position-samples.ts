/** Samples kept: five minutes at two a second. A replica older than that is older than any limit. */
const KEPT = 600;

type Sample = { readonly at: number; readonly position: bigint };

/**
 * How old a replica is, found without a write: the primary's log position is noted twice a second with the time, and a
 * replica that has replayed up to a noted position holds everything that was committed before that time.
 *
 *   time        0 ms    500 ms   1000 ms  1500 ms (now)
 *   position    100     180      180      260
 *   replica at 200 ─────────────► has replayed the sample of 1000 ms: it is 500 ms old
 */
export class PositionSamples {
  #samples: Sample[] = [];
  #frozenAt: number | null = null;

  /** `at`: when the question was sent, so that the position is not older than it. */
  add(at: number, position: bigint): void {
    if (this.#frozenAt !== null) return;
    this.#samples.push({ at, position });
    if (this.#samples.length > KEPT) this.#samples.shift();
  }

  /** Positions of another timeline say nothing about this one: a new writer begins anew. */
  drop(): void {
    this.#samples = [];
    this.#frozenAt = null;
  }

  /** While there is no writer nobody grows older: what a replica lacks nobody can read elsewhere. */
  freeze(now: number): void {
    this.#frozenAt ??= now;
  }

  /** Milliseconds; null while there is no sample to compare with. Older than every sample counts from the oldest. */
  ageOf(replayed: bigint, now: number): number | null {
    const oldest = this.#samples[0];
    if (oldest === undefined) return null;
    const newest = this.#samples.findLast((sample) => sample.position <= replayed);
    const at = newest?.at ?? oldest.at - 1;
    return Math.max(0, (this.#frozenAt ?? now) - at);
  }
}
