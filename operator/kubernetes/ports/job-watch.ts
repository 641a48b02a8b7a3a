import type { V1Job, V1Pod } from '@kubernetes/client-node';
import type { Logger } from '#runtime/logger.ts';
import type { Clock, JobOutcome } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { pods, type Stored } from '../api/resource.ts';
import { hasEnded, type JobState, jobState } from './job-state.ts';
import { jobs } from './jobs.ts';

type Job = Stored<V1Job>;
type Pod = Stored<V1Pod>;

/** A copy of the pods of Jobs, kept by whoever has it already: a watch for each Job would hold a connection for as long as it runs. */
export type JobPods = {
  /** Those of the same partition, of other Jobs too. */
  of(job: Job): readonly Pod[];
  /** `listener` hears of every change of any pod, as it is now or was last. Returns how to stop listening. */
  onChange(listener: (pod: Pod | null) => void): () => void;
};

export type JobWatchOptions = {
  readonly client: ApiClient;
  readonly pods: JobPods;
  readonly clock: Clock;
  readonly log: Logger;
  readonly job: Job;
};

/** `lost`: run it again for its result. `hindered`: it has not started for too long. `aborted`: given up by the caller. */
export type JobEnd =
  | { readonly kind: 'ended'; readonly outcome: JobOutcome }
  | { readonly kind: 'lost' }
  | { readonly kind: 'hindered'; readonly why: string }
  | { readonly kind: 'aborted' };

/** A pod tells of its end at once; this is for what no pod tells: a deadline, a Job that somebody deleted. */
const POLL_MS = 5_000;
const CONTROLLER_UID = 'batch.kubernetes.io/controller-uid';

/** Waits for the end of one Job. */
export class JobWatch {
  readonly #options: JobWatchOptions;
  #job: Job;
  #hindered: { readonly why: string; readonly since: number } | null = null;

  constructor(options: JobWatchOptions) {
    this.#options = options;
    this.#job = options.job;
  }

  async ended(signal: AbortSignal): Promise<JobEnd> {
    const change = { heard: Promise.withResolvers<void>() };
    const unwatch = this.#options.pods.onChange((pod) => {
      if (pod !== null && this.#isOf(pod)) change.heard.resolve();
    });
    try {
      return await this.#wait(change, signal);
    } finally {
      unwatch();
    }
  }

  async #wait(change: { heard: PromiseWithResolvers<void> }, signal: AbortSignal): Promise<JobEnd> {
    const { clock } = this.#options;
    let polledAt = clock.monotonic();
    while (!signal.aborted) {
      // One that was found may have ended long ago; what its pods said is asked for, not waited for.
      const end = hasEnded(this.#job) ? await this.#look(signal) : this.#judge(jobState(this.#job, this.#known()));
      if (end !== null) return end;
      const asleep = new AbortController();
      await Promise.race([change.heard.promise, clock.sleep(POLL_MS, AbortSignal.any([signal, asleep.signal]))]);
      asleep.abort();
      change.heard = Promise.withResolvers();
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
      const { namespace, uid } = job.metadata;
      const { items } = await client.list(pods, { namespace, labelSelector: `${CONTROLLER_UID}=${uid}` }, { signal });
      return this.#judge(jobState(found, items));
    } catch (error) {
      // It runs on without the API server; only we do not hear of it.
      log.debug({ job: job.metadata.name, error: String(error) }, 'a Job could not be looked at');
      return signal.aborted ? { kind: 'aborted' } : null;
    }
  }

  #known(): readonly Pod[] {
    return this.#options.pods.of(this.#job).filter((pod) => this.#isOf(pod));
  }

  /** By uid: a deleted Job of the same name may have pods still. */
  #isOf({ metadata }: Pod): boolean {
    return metadata.labels?.[CONTROLLER_UID] === this.#options.job.metadata.uid;
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
