import { MOMENT_MS } from '#contract/moments.ts';
import type { ClusterName, PartitionName } from '#contract/names.ts';
import type { Heartbeats as ForSeveral, Heartbeat, HeartbeatAnswer, Takes } from '#contract/push-api.ts';
import { sign } from '#contract/signature.ts';
import type { Ports } from '../ports.ts';
import type { Tuning } from '../tuning.ts';
import { fewAtATime } from './few-at-a-time.ts';
import { inGroups } from './in-groups.ts';
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
  /** Begun in this turn of the event loop. */
  #begun: Beat[] = [];

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
    this.#begun.push({ state, version });
    if (this.#begun.length === 1) queueMicrotask(() => this.#exchangeAll());
  }

  #exchangeAll(): void {
    const begun = this.#begun;
    this.#begun = [];
    for (const group of inGroups(begun, ({ state }) => takesSeveral(state))) {
      const signed = this.#signed(group);
      for (const { state } of group)
        this.#exchange(state, signed)
          .catch((error: unknown) => this.#options.ports.log.event('Unexpected', { error: String(error) }))
          .finally(() => this.#beating.delete(state));
    }
  }

  async #exchange(state: PodState, signing: Promise<string>): Promise<void> {
    const { ports, tuning } = this.#options;
    const first = state.nonce === null;
    const outcome = await ports.podApi.heartbeat(state.pod, await signing, tuning.pushTimeoutMs);
    if (!outcome.ok) {
      // It may be one of before that has come in its place, to whom all that is nothing.
      state.takes = [];
      ports.log.debug({ pod: state.pod.name, message: outcome.message }, 'heartbeat not answered');
      return;
    }
    const at = ports.clock.monotonic();
    state.nonce = { value: outcome.answer.nonce, at };
    if (isAnew(state, outcome.answer)) state.peers = 0;
    state.answer = { value: keptAnswer(state.answer?.value ?? null, outcome.answer), at };
    state.takes = outcome.answer.takes ?? [];
    state.applied = outcome.answer.applied;
    // Without a nonce to echo nothing was granted: do not let it wait a second for its first lease.
    if (first && this.#options.leased().size > 0) this.#dueAt.set(state, at);
  }

  /** Who is alone has a heartbeat of its own, which every imapd takes. */
  async #signed(group: readonly Beat[]): Promise<string> {
    await fewAtATime();
    const key = await this.#options.ports.keys.signing();
    const [only, ...others] = group;
    if (only !== undefined && others.length === 0) return await sign(this.#heartbeat(only), 'heartbeat', key);
    return await sign(this.#heartbeats(group), 'heartbeats', key);
  }

  #heartbeat(beat: Beat): Heartbeat {
    const { cluster, full } = this.#options;
    const { sequence, echo, leased } = this.#said(beat);
    const leases = leased ? this.#leases() : {};
    return { cluster, pod: beat.state.pod.name, sequence, echo, leases, full: [...full()] };
  }

  #heartbeats(group: readonly Beat[]): ForSeveral {
    const { cluster, full } = this.#options;
    const pods = Object.fromEntries(group.map((beat) => [beat.state.pod.name, this.#said(beat)]));
    return { cluster, pods, leases: this.#leases(), full: [...full()] };
  }

  /** Leases go only to a process that obeys the newest document, so that none outlives its fence. */
  #said({ state, version }: Beat): ForSeveral['pods'][string] {
    const { nonce } = state;
    const leased = nonce !== null && state.applied >= version;
    if (leased)
      for (const partition of this.#options.leased().keys())
        this.#options.leases.granted(partition, state.pod.name, nonce.at);
    state.sequence += 1;
    return { sequence: state.sequence, echo: nonce?.value ?? null, leased };
  }

  #leases(): Heartbeat['leases'] {
    const { leased, tuning } = this.#options;
    return Object.fromEntries(Array.from(leased(), ([name, epoch]) => [name, { epoch, seconds: tuning.leaseSeconds }]));
  }
}

type Beat = { readonly state: PodState; readonly version: number };

const takesSeveral = ({ takes }: PodState): boolean => takes.includes('heartbeats' satisfies Takes);

/**
 * Started anew under the same name and address. Of an imapd that tells no `bootId`, only an older document than what it has
 * acknowledged shows it; mostly it has read the newest one by then.
 */
const isAnew = ({ answer, applied }: PodState, next: HeartbeatAnswer): boolean =>
  next.applied < applied || (answer !== null && answer.value.bootId !== next.bootId);
