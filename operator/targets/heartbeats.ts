import { MOMENT_MS } from '#contract/moments.ts';
import type { ClusterName, PartitionName } from '#contract/names.ts';
import type { Heartbeat, HeartbeatAnswer } from '#contract/push-api.ts';
import { sign } from '#contract/signature.ts';
import type { Ports } from '../ports.ts';
import type { Tuning } from '../tuning.ts';
import { fewAtATime } from './few-at-a-time.ts';
import { keptAnswer } from './kept-answer.ts';
import type { LeaseLedger } from './lease-ledger.ts';
import type { PodState } from './pod-state.ts';

export type HeartbeatsOptions = {
  readonly ports: Pick<Ports, 'podApi' | 'keys' | 'clock' | 'log'>;
  readonly tuning: Tuning;
  readonly leases: LeaseLedger;
  /** Partitions to grant leases for now, with their epochs. */
  readonly leased: () => ReadonlyMap<PartitionName, number>;
  /** Partitions whose primary is down for want of disk space. */
  readonly full: () => readonly PartitionName[];
  readonly cluster: ClusterName;
};

/** Tells every imapd process once a second that the operator is there, renews leases, and hears what it sees. */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  readonly #dueAt = new WeakMap<PodState, number>();
  readonly #beating = new WeakSet<PodState>();

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
  }

  beatWhenDue(state: PodState, version: number): void {
    const now = this.#options.ports.clock.monotonic();
    if (now >= (this.#dueAt.get(state) ?? 0)) this.beat(state, version);
  }

  /** Starts one exchange; a process that is slow to answer is not asked twice at a time. */
  beat(state: PodState, version: number): void {
    if (this.#beating.has(state)) return;
    this.#beating.add(state);
    // With the last look before it would be late, however early or late the timers of looks are.
    this.#dueAt.set(
      state,
      this.#options.ports.clock.monotonic() + this.#options.tuning.heartbeatIntervalMs - MOMENT_MS / 2,
    );
    this.#exchange(state, version)
      .catch((error: unknown) => this.#options.ports.log.event('Unexpected', { error: String(error) }))
      .finally(() => this.#beating.delete(state));
  }

  async #exchange(state: PodState, version: number): Promise<void> {
    const { ports, tuning } = this.#options;
    await fewAtATime();
    const first = state.nonce === null;
    const signed = await sign(this.#heartbeat(state, version), 'heartbeat', await ports.keys.signing());
    const outcome = await ports.podApi.heartbeat(state.pod, signed, tuning.pushTimeoutMs);
    if (!outcome.ok) {
      ports.log.debug({ pod: state.pod.name, message: outcome.message }, 'heartbeat not answered');
      return;
    }
    const at = ports.clock.monotonic();
    state.nonce = { value: outcome.answer.nonce, at };
    if (isAnew(state, outcome.answer)) state.peers = 0;
    state.answer = { value: keptAnswer(state.answer?.value ?? null, outcome.answer), at };
    state.applied = outcome.answer.applied;
    // Without a nonce to echo nothing was granted: do not let it wait a second for its first lease.
    if (first && this.#options.leased().size > 0) this.#dueAt.set(state, at);
  }

  /** Leases go only to a process that obeys the newest document, so that none outlives its fence. */
  #heartbeat(state: PodState, version: number): Heartbeat {
    const { tuning, leased, leases, full, cluster } = this.#options;
    const { nonce } = state;
    const granted = nonce === null || state.applied < version ? [] : [...leased()];
    for (const [partition] of granted) leases.granted(partition, state.pod.name, nonce?.at ?? 0);
    state.sequence += 1;
    return {
      cluster,
      pod: state.pod.name,
      sequence: state.sequence,
      echo: nonce?.value ?? null,
      leases: Object.fromEntries(granted.map(([name, epoch]) => [name, { epoch, seconds: tuning.leaseSeconds }])),
      full: [...full()],
    };
  }
}

/**
 * Started anew under the same name and address. Of an imapd that tells no `bootId`, only an older document than what it has
 * acknowledged shows it; mostly it has read the newest one by then.
 */
const isAnew = ({ answer, applied }: PodState, next: HeartbeatAnswer): boolean =>
  next.applied < applied || (answer !== null && answer.value.bootId !== next.bootId);
