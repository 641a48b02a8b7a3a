import type { Target } from '#contract/routing-document.ts';

/**
 * How long this process may still write to a repository in `Async` durability, where nothing else stops a process that
 * has not heard of a failover. Times are milliseconds of this process's monotonic clock. A lease counts from a moment
 * *before* its proof was made, so whatever is slow on the way shortens it and never stretches it:
 *
 *   grant     from when this process issued the nonce that the operator's heartbeat echoes (contract/push-api.ts)
 *   renewal   from when the query began that saw a replica streaming from the writer at the epoch in force
 */
export class WriteLease {
  #epoch = 0;
  #seconds: number | null = null;
  #until = Number.NEGATIVE_INFINITY;

  /** A new epoch ends every lease; `Quorum` needs none, its writes wait for replicas that a failover detaches. */
  retarget(target: Pick<Target, 'epoch' | 'durability' | 'leaseSeconds'>): void {
    if (target.epoch !== this.#epoch) this.#until = Number.NEGATIVE_INFINITY;
    this.#epoch = target.epoch;
    this.#seconds = target.durability === 'Async' ? (target.leaseSeconds ?? 0) : null;
  }

  /** Proof for `epoch` that held at `since`. `seconds` is the operator's word, bounded by the document's. */
  prove(proof: { readonly epoch: number; readonly since: number; readonly seconds?: number }): void {
    if (this.#seconds === null || proof.epoch !== this.#epoch) return;
    const seconds = Math.min(proof.seconds ?? this.#seconds, this.#seconds);
    this.#until = Math.max(this.#until, proof.since + seconds * 1000);
  }

  /** Milliseconds left, never negative; null where no lease is needed. */
  remainingMs(now: number): number | null {
    return this.#seconds === null ? null : Math.max(0, this.#until - now);
  }

  allows(now: number): boolean {
    return this.remainingMs(now) !== 0;
  }
}
