import type { Logger } from '#runtime/logger.ts';
import type { Clock } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { Leadership, LeadershipLost } from './leadership.ts';
import { LeaseStore } from './lease-store.ts';
import { LeaseView } from './lease-view.ts';

export type LeaseTiming = {
  /** How long others respect the lease after the last renewal. Whole seconds. */
  readonly durationSeconds: number;
  /** How long after its last renewal the holder goes on writing. Well below the duration. */
  readonly renewDeadlineMs: number;
  /** Between two renewals, and between two looks of those who wait. */
  readonly intervalMs: number;
};

/**
 * A node that is cut off with the leader on it costs the lease and the failover: 5 s of 12. The last second and a half is
 * left for what a stopped leader had already sent.
 */
export const defaultLeaseTiming: LeaseTiming = { durationSeconds: 5, renewDeadlineMs: 3_500, intervalMs: 1_000 };

export type LeaderElectionOptions = {
  readonly client: ApiClient;
  readonly namespace: string;
  readonly name: string;
  /** Of this process and no other, ever: a restarted one must not take itself for its predecessor. */
  readonly identity: string;
  readonly timing: LeaseTiming;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
};

/** One of several candidates for a Lease. */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #store: LeaseStore;
  readonly #view = new LeaseView();

  constructor(options: LeaderElectionOptions) {
    const { timing, clock } = options;
    if (timing.renewDeadlineMs >= timing.durationSeconds * 1_000)
      throw new RangeError('the holder of a lease must give up before others may take it');
    this.#options = options;
    this.#store = new LeaseStore({ ...options, durationSeconds: timing.durationSeconds, now: () => clock.now() });
  }

  /** Identity of whoever leads, as last seen; null: nobody, or nobody knows. */
  get holder(): string | null {
    const { holder = '' } = this.#view.state ?? {};
    return holder === '' ? null : holder;
  }

  /**
   * Waits to become the leader and leads, again and again, until the signal fires. `lead` has to end when its
   * leadership's signal fires; only then is the lease handed back, or applied for once more. What `lead` throws while it
   * still leads ends this too, after the lease was handed back.
   */
  async run(lead: (leadership: Leadership) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const leadership = await this.#attempt(signal);
      if (leadership !== null) await this.#lead(leadership, lead, signal);
      await this.#pause(signal);
    }
  }

  async #lead(
    leadership: Leadership,
    lead: (leadership: Leadership) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const stop = (): void => leadership.end(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const upkeep = Promise.all([leadership.watch(), this.#renew(leadership)]);
    try {
      await lead(leadership);
    } catch (error) {
      if (!leadership.signal.aborted) throw error;
      this.#options.log.debug({ error }, 'work was broken off when leadership ended');
    } finally {
      signal.removeEventListener('abort', stop);
      const wasHeld = leadership.isHeld() || signal.aborted;
      leadership.end(new LeadershipLost('the work ended'));
      await upkeep;
      if (wasHeld) await this.#release();
    }
  }

  /** One try; null: somebody else leads, or nobody knows. */
  async #attempt(signal: AbortSignal): Promise<Leadership | null> {
    const { clock, identity, log, timing } = this.#options;
    try {
      await this.#look(signal);
      if (!this.#view.mayTake(identity, clock.monotonic())) return null;
      const sentAt = clock.monotonic();
      const taken = await this.#store.take({ deadlineMs: timing.renewDeadlineMs, signal });
      if (taken === null) return null;
      this.#view.see(taken, sentAt);
      const leadership = new Leadership(clock, sentAt + timing.renewDeadlineMs);
      return leadership.isHeld() ? leadership : null;
    } catch (error) {
      log.debug({ error }, 'the lease could not be read or taken');
      return null;
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { clock, timing } = this.#options;
    const state = await this.#store.read({ deadlineMs: timing.renewDeadlineMs, signal });
    // After the answer, not before the question: the later of the two keeps the other's right longer.
    this.#view.see(state, clock.monotonic());
  }

  async #renew(leadership: Leadership): Promise<void> {
    const { clock, timing } = this.#options;
    const { signal } = leadership;
    let sentAt = clock.monotonic() + leadership.leftMs - timing.renewDeadlineMs;
    // From request to request: a pause after an answer that was long in coming would take the next one its time.
    while ((await this.#pause(signal, sentAt)) === 'elapsed') {
      sentAt = clock.monotonic();
      try {
        if (!(await this.#renewOnce(leadership))) {
          leadership.end(new LeadershipLost('somebody else holds the lease'));
          return;
        }
      } catch (error) {
        this.#options.log.debug({ error }, 'the lease was not renewed');
      }
    }
  }

  /** Whether the lease is ours still. What got no answer is no proof of the contrary: it is tried again. */
  async #renewOnce(leadership: Leadership): Promise<boolean> {
    const { clock, identity, timing } = this.#options;
    const sentAt = clock.monotonic();
    const renewed = (await this.#store.take(this.#attemptOf(leadership))) ?? (await this.#takeAnew(leadership));
    if (renewed?.holder !== identity) return false;
    this.#view.see(renewed, sentAt);
    return leadership.extend(sentAt + timing.renewDeadlineMs);
  }

  /** A renewal whose answer was lost has changed the version under us. */
  async #takeAnew(leadership: Leadership) {
    const state = await this.#store.read(this.#attemptOf(leadership));
    return state.holder === this.#options.identity ? await this.#store.take(this.#attemptOf(leadership)) : null;
  }

  /** As long as there is time: a slow API server is one that answers. What is left over is for a hung connection's successor. */
  #attemptOf(leadership: Leadership): { readonly deadlineMs: number; readonly signal: AbortSignal } {
    const spareMs = this.#options.timing.intervalMs / 2;
    return { deadlineMs: Math.ceil(Math.max(leadership.leftMs - spareMs, spareMs)), signal: leadership.signal };
  }

  async #release(): Promise<void> {
    const { log, timing } = this.#options;
    try {
      await this.#store.release({ deadlineMs: timing.intervalMs });
    } catch (error) {
      log.debug({ error }, 'the lease was not handed back; others wait until it has run out');
    }
  }

  /** @param since monotonic, ms */
  #pause(signal: AbortSignal, since = this.#options.clock.monotonic()): Promise<'elapsed' | 'aborted'> {
    const { clock, random, timing } = this.#options;
    const pauseMs = timing.intervalMs * (0.8 + 0.4 * random());
    return clock.sleep(Math.max(0, since + pauseMs - clock.monotonic()), signal);
  }
}
