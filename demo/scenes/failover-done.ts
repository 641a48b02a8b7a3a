import type { PartitionGlimpse } from '../cluster.ts';
import type { Run } from '../run.ts';

/**
 * The partition after its failover from `oldEpoch`, null while it is under way. Done means that the imapd processes have
 * their new target too: until then a SELECT shows the mailbox as it was known before.
 */
export async function failoverDone(run: Run, partition: string, oldEpoch: number): Promise<PartitionGlimpse | null> {
  const now = await run.cluster.status(partition);
  return now.epoch > oldEpoch && now.primary !== null && now.lastFailover?.epoch === now.epoch ? now : null;
}
