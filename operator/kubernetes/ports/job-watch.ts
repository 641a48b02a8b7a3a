import type { V1Job, V1Pod } from '@kubernetes/client-node';
import type { Logger } from '#runtime/logger.ts';
import type { Clock, JobOutcome } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { pods, type Stored } from '../api/resource.ts';
import { Informer } from '../watch/informer.ts';
import { hasEnded, type JobState, jobState } from './job-state.ts';
import { jobs } from './jobs.ts';

export type JobWatchOptions = {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly job: Stored<V1Job>;
};

/** `lost`: run it again for its result. `hindered`: it has not started for too long. `aborted`: given up by the caller. */
export type JobEnd =
  | { readonly kind: 'ended'; readonly outcome: JobOutcome }
  | { readonly kind: 'lost' }
  | { readonly kind: 'hindered'; readonly why: string }
  | { readonly kind: 'aborted' };

/** A pod tells of its end at once, by a watch; this is for what no pod tells: a deadline, a Job that somebody deleted. */
const POLL_MS = 5_000;

/** Waits for the end of one Job. */
export class JobWatch {
  readonly #options: JobWatchOptions;
  readonly #selector: string;
  #job: Stored<V1Job>;
  #hindered: { readonly why: string; readonly since: number } | null = null;

  constructor(options: JobWatchOptions) {
    this.#options = options;
    this.#job = options.job;
    // By uid: a deleted Job of the same name may have pods still.
    this.#selector = `batch.kubernetes.io/controller-uid=${options.job.metadata.uid}`;
  }

  async ended(signal: AbortSignal): Promise<JobEnd> {
    const { client, clock, random, log, job } = this.#options;
    const over = new AbortController();
    const { namespace } = job.metadata;
    const informer = new Informer({
      client,
      resource: pods,
      namespace,
      labelSelector: this.#selector,
      clock,
      random,
      log,
    });
    const watching = informer.run(AbortSignal.any([signal, over.signal]));
    try {
      return await this.#wait(informer, signal);
    } finally {
      over.abort();
      await watching;
    }
  }

  async #wait(informer: Informer<Stored<V1Pod>>, signal: AbortSignal): Promise<JobEnd> {
    const { clock } = this.#options;
    let changed = Promise.withResolvers<void>();
    informer.onChange(() => changed.resolve());
    let polledAt = clock.monotonic();
    while (!signal.aborted) {
      // One that was found may have ended long ago; what its pods said is asked for, not waited for.
      const end = hasEnded(this.#job) ? await this.#look(signal) : this.#judge(jobState(this.#job, informer.list()));
      if (end !== null) return end;
      const asleep = new AbortController();
      await Promise.race([changed.promise, clock.sleep(POLL_MS, AbortSignal.any([signal, asleep.signal]))]);
      asleep.abort();
      changed = Promise.withResolvers();
      if (signal.aborted || clock.monotonic() - polledAt < POLL_MS) continue;
      polledAt = clock.monotonic();
      const seen = await this.#look(signal);
      if (seen !== null) return seen;
    }
    return { kind: 'aborted' };
  }

  /** Asks the API server itself: for the Job, and for its pods where it has ended. null: it goes on. */
  async #look(signal: AbortSignal): Promise<JobEnd | null> {
    const { client, job, log } = this.#options;
    try {
      const found = await client.get(jobs, job.metadata, { signal });
      if (found === null || found.metadata.uid !== job.metadata.uid) return { kind: 'lost' };
      this.#job = found;
      if (!hasEnded(found)) return null;
      const { namespace } = job.metadata;
      const { items } = await client.list(pods, { namespace, labelSelector: this.#selector }, { signal });
      return this.#judge(jobState(found, items));
    } catch (error) {
      // It runs on without the API server; only we do not hear of it.
      log.debug({ job: job.metadata.name, error: String(error) }, 'a Job could not be looked at');
      return signal.aborted ? { kind: 'aborted' } : null;
    }
  }

  #judge(state: JobState): JobEnd | null {
    const { clock } = this.#options;
    if (state.kind === 'ended' || state.kind === 'lost') return state;
    if (state.kind === 'running') {
      this.#hindered = null;
      return null;
    }
    const now = clock.monotonic();
    const { why, patienceMs } = state;
    const since = this.#hindered?.why === why ? this.#hindered.since : now;
    this.#hindered = { why, since };
    return now - since >= patienceMs ? { kind: 'hindered', why } : null;
  }
}
