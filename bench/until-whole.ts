import { QUORUM } from '#demo/cast.ts';
import type { DemoCluster } from '#demo/cluster.ts';
import { waitFor } from '#demo/wait-for.ts';

const LIMIT_MS = 60_000;

/** Returns once every member of the partition does its part. @throws DeadlineError after a minute */
export async function untilWhole(cluster: DemoCluster, signal: AbortSignal): Promise<void> {
  await waitFor(async () => ((await cluster.status(QUORUM)).phase === 'Healthy' ? true : null), {
    what: 'the repository is whole',
    withinMs: LIMIT_MS,
    signal,
    why: async () => (await cluster.status(QUORUM)).trouble,
  });
}
