import type { PartitionName } from '#contract/names.ts';

/**
 * Until when imapd processes may be writing under leases that we granted (`Async`). A lease counts from the moment the
 * process issued the nonce that our heartbeat echoed, which is before we received it; so the receipt plus the length of
 * a lease is never too early. Kept for processes that are gone from the list too: gone is not dead.
 */
export class LeaseLedger {
  readonly #until = new Map<PartitionName, Map<string, number>>();
  readonly #leaseMs: number;
  /** Before it, another operator may have granted leases that we know nothing of. */
  readonly #startedAt: number;

  constructor(leaseMs: number, startedAt: number) {
    this.#leaseMs = leaseMs;
    this.#startedAt = startedAt;
  }

  /** To be called before the heartbeat is sent. `nonceAt`: monotonic receipt of the nonce that is echoed. */
  granted(partition: PartitionName, pod: string, nonceAt: number): void {
    const pods = this.#until.get(partition) ?? new Map<string, number>();
    pods.set(pod, Math.max(nonceAt + this.#leaseMs, pods.get(pod) ?? 0));
    this.#until.set(partition, pods);
  }

  /**
   * How long the last of the outstanding leases may run, in milliseconds. Processes that acknowledged the fence hold
   * none. The others could renew theirs by themselves until the replicas were detached, that is until `now`.
   */
  outstandingMs(
    partition: PartitionName,
    { now, fenced, known }: { now: number; fenced: ReadonlySet<string>; known: readonly string[] },
  ): number {
    const holders = this.#until.get(partition) ?? new Map<string, number>();
    const alive = [...holders].some(([pod, until]) => !fenced.has(pod) && until > now);
    const unfenced = known.some((pod) => !fenced.has(pod));
    if (alive || unfenced) return this.#leaseMs;
    return Math.max(0, this.#startedAt + this.#leaseMs - now);
  }
}
