import { UserList, usersPath } from '#contract/users-api.ts';
import { requestJson } from '../../../http/json-request.ts';
import { shaped } from '../../../http/shaped.ts';
import type { Pod } from '../../../ports.ts';
import type { Occupancy } from './decide-deletion.ts';

export type OccupancyQuestion = {
  readonly partition: string;
  /** Imapd pods that are ready; one after the other is asked until one can say. */
  readonly pods: readonly Pod[];
  readonly adminToken: string;
};

/** All users of a cluster may be many. */
const DEADLINE_MS = 10_000;

/**
 * Whether users, or shared mailboxes, live in a partition: only an imapd knows the mail schema, and any of them
 * whose routing document has the partition can say. One may be ready with a document of before the partition.
 */
export async function askOccupancy({ partition, pods, adminToken }: OccupancyQuestion): Promise<Occupancy> {
  for (const pod of pods) {
    const answer = await requestJson({
      method: 'GET',
      url: new URL(usersPath, pod.adminUrl).href,
      headers: { authorization: `Bearer ${adminToken}` },
      deadlineMs: DEADLINE_MS,
    });
    const list = answer.answered && answer.status === 200 ? shaped(UserList, answer.body) : null;
    const occupancy = list === null ? 'unknown' : occupancyIn(list, partition);
    if (occupancy !== 'unknown') return occupancy;
  }
  return 'unknown';
}

/** Exported for its test. */
export function occupancyIn(list: UserList, partition: string): Occupancy {
  const { users, namespaces = [], partitions = [], unavailable } = list;
  if ([...users, ...namespaces].some((held) => held.partition === partition)) return 'occupied';
  return partitions.includes(partition) && !unavailable.includes(partition) ? 'empty' : 'unknown';
}
