import { pause } from '#runtime/deadline.ts';
import type { Logger } from '#runtime/logger.ts';
import type { RepositoryAccess } from '../../../routing/repository-access.ts';
import type { Connection } from '../connection.ts';
import { type CollectLimits, collect, defaultLimits } from './collect.ts';

/** Between two runs of one process; with many processes a repository is looked at oftener, by one of them at a time. */
const INTERVAL_MS = 10 * 60_000;

export type CollectPeriodically = {
  /** Asked anew at every run: repositories come and go. */
  readonly repositories: () => Iterable<RepositoryAccess<Connection>>;
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
    for (const access of repositories()) await collectOnce(access, options);
  }
}

/** What fails now is done by the next run: a repository without a writer has other worries. */
async function collectOnce(
  access: RepositoryAccess<Connection>,
  { signal, log, limits = defaultLimits }: CollectPeriodically,
): Promise<void> {
  try {
    const collected = await collect(access, limits, { signal });
    log.debug({ partition: access.partition, collected }, 'collected');
  } catch (error) {
    log.debug({ partition: access.partition, error }, 'could not collect');
  }
}
