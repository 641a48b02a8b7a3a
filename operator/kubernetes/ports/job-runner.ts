import type { V1Job } from '@kubernetes/client-node';
import type { PartitionName } from '#contract/names.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Built } from '../../objects/built.ts';
import type { PodDefaults } from '../../objects/pod-defaults.ts';
import type { ResourceAmounts } from '../../objects/resource-amounts.ts';
import { jobObject } from '../../partition/objects/job.ts';
import type { Clock, Job, JobOutcome, Jobs } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import type { Stored } from '../api/resource.ts';
import { mustBeOurs } from '../apply/must-be-ours.ts';
import { NameTaken } from '../apply/name-taken.ts';
import { hasEnded, hasFailed } from './job-state.ts';
import { type JobPods, JobWatch } from './job-watch.ts';
import { jobs } from './jobs.ts';

export type JobRunnerOptions = {
  readonly client: ApiClient;
  /** As last heard of; null: there is none. */
  readonly partition: (name: PartitionName) => MailboxPartition | null;
  /** imapd's, as the cluster has it now. */
  readonly image: () => string;
  readonly pods: PodDefaults;
  readonly jobPods: JobPods;
  readonly resources?: ResourceAmounts | undefined;
  readonly clock: Clock;
  readonly log: Logger;
};

type RunningJob = Stored<V1Job>;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Between two looks at a job that is being deleted; at first, between two at one that cannot be. */
const LOOK_MS = 250;

/**
 * Runs imapd's jobs as Jobs. What runs already is waited for, and a salvage that has ended well is not run again: both are
 * what an operator before this one began. What has failed is begun anew, after a pause that grows.
 */
export class JobRunner implements Jobs {
  readonly #options: JobRunnerOptions;
  /** How often the job of a name has failed in a row. */
  readonly #failures = new Map<string, number>();

  constructor(options: JobRunnerOptions) {
    this.#options = options;
  }

  /** Given up, the Job is deleted, and its pod with it. Never rejects. */
  async run(job: Job, signal: AbortSignal): Promise<JobOutcome> {
    try {
      const partition = this.#options.partition(job.partition);
      if (partition === null) return { ok: false, message: `there is no MailboxPartition ${job.partition} any more` };
      const { image, pods, resources } = this.#options;
      const desired = jobObject({ partition, job, image: image(), pods, resources });
      return this.#counted(desired.metadata.name, await this.#tried(desired, signal));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, message: signal.aborted ? GIVEN_UP : message };
    }
  }

  /** A name that is taken is a failure like any other: it is tried again after a pause. */
  async #tried(desired: Built<V1Job>, signal: AbortSignal): Promise<JobOutcome> {
    try {
      return await this.#run(desired, signal);
    } catch (error) {
      if (!(error instanceof NameTaken)) throw error;
      return { ok: false, message: error.message };
    }
  }

  async #run(desired: Built<V1Job>, signal: AbortSignal): Promise<JobOutcome> {
    const { client, clock, jobPods, log } = this.#options;
    while (!signal.aborted) {
      const job = await this.#begin(desired, signal);
      if (job === null) break;
      const end = await new JobWatch({ client, pods: jobPods, clock, log, job }).ended(signal);
      log.debug({ job: desired.metadata.name, end }, 'job ended');
      if (end.kind === 'ended') return end.outcome;
      await this.#remove(job);
      if (end.kind === 'hindered') return { ok: false, message: `the job does not start: ${end.why}` };
    }
    return { ok: false, message: GIVEN_UP };
  }

  /** The Job to wait for: a new one, or the one that is there. null: given up. */
  async #begin(desired: Built<V1Job>, signal: AbortSignal): Promise<RunningJob | null> {
    const { client, clock } = this.#options;
    const { name } = desired.metadata;
    await this.#pause(name, signal);
    let lookMs = LOOK_MS;
    while (!signal.aborted) {
      const made = await client.create(jobs, desired as RunningJob, { signal });
      if (made.ok) return made.object;
      if (made.reason === 'gone') throw new Error(`there is no namespace ${desired.metadata.namespace}`);
      const found = await client.get(jobs, desired.metadata, { signal });
      if (found === null) continue;
      mustBeOurs(found, desired);
      if (!isDeleted(found) && !isOver(found) && isOf(found, desired)) return found;
      if (!isDeleted(found) && (await this.#remove(found))) continue;
      await clock.sleep(lookMs, signal);
      lookMs = isDeleted(found) ? LOOK_MS : Math.min(lookMs * 2, LONGEST_PAUSE_MS);
    }
    return null;
  }

  /** What failed a moment ago most likely would again. */
  async #pause(name: string, signal: AbortSignal): Promise<void> {
    const failures = this.#failures.get(name) ?? 0;
    if (failures === 0) return;
    await this.#options.clock.sleep(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS), signal);
  }

  #counted(name: string, outcome: JobOutcome): JobOutcome {
    if (outcome.ok) this.#failures.delete(name);
    else if (outcome.message !== GIVEN_UP) this.#failures.set(name, (this.#failures.get(name) ?? 0) + 1);
    return outcome;
  }

  /** The very one that was seen. False: it cannot be deleted now; an operator that comes later finds it. */
  async #remove({ metadata }: RunningJob): Promise<boolean> {
    const { client, log } = this.#options;
    const { namespace, name, uid } = metadata;
    try {
      await client.delete(jobs, { namespace, name }, { preconditions: { uid } });
      return true;
    } catch (error) {
      log.debug({ job: name, error: String(error) }, 'a Job was not deleted');
      return false;
    }
  }
}

const GIVEN_UP = 'the job was given up';

const isDeleted = ({ metadata }: RunningJob): boolean => metadata.deletionTimestamp !== undefined;

/**
 * Whether it has nothing to say any more. What a salvage has brought back it can say once only; a migration is quickly done
 * again, and an image of the same name may hold a later schema by now.
 */
const isOver = (found: RunningJob): boolean => hasFailed(found) || (hasEnded(found) && !isSalvage(found));

const isSalvage = ({ spec }: RunningJob): boolean =>
  spec?.template.spec?.containers.some(({ command }) => command?.includes('salvage')) === true;

/** Not of a partition of the same name that is gone. */
const isOf = ({ metadata }: RunningJob, desired: Built<V1Job>): boolean =>
  metadata.ownerReferences?.[0]?.uid === desired.metadata.ownerReferences?.[0]?.uid;
