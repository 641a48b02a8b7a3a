import type { PartitionName } from '#contract/names.ts';
import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import type { Attempt } from '../../routing/repository-access.ts';
import { type Collected, type CollectLimits, defaultLimits } from './collect.ts';

/** Between two runs of one process; with many processes a repository is looked at oftener, by one of them at a time. */
const INTERVAL_MS = 10 * 60_000;

/** A repository of any engine. */
export type Collectable = {
  readonly partition: PartitionName;
  collect(limits: CollectLimits, attempt: Attempt): Promise<Collected>;
};

export type CollectPeriodically = {
  /** Asked anew at every run: repositories come and go. */
  readonly repositories: () => Iterable<Collectable>;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** 0 – 1: processes that start together must not run together. */
  readonly random: () => number;
  readonly intervalMs?: number;
  readonly limits?: CollectLimits;
};

/** Runs the collector until `signal`; settles when the run under way has ended. Never rejects. */
export async function collectPeriodically(options: CollectPeriodically): Promise<void> {
  const { repositories, signal, random, intervalMs = INTERVAL_MS } = options;
  while ((await pause(intervalMs * (0.5 + random()), signal)) === 'elapsed') {
    for (const repository of repositories()) await collectOnce(repository, options);
  }
}

/** What fails now is done by the next run: a repository without a writer has other worries. */
async function collectOnce(
  repository: Collectable,
  { signal, log, limits = defaultLimits }: CollectPeriodically,
): Promise<void> {
  try {
    const collected = await repository.collect(limits, { signal });
    log.debug({ partition: repository.partition, collected }, 'collected');
  } catch (error) {
    log.debug({ partition: repository.partition, error }, 'could not collect');
  }
}
