import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { parseQuantity } from '#crds/quantity.ts';

/** Of the volume: that much for those that are away, as much for the server's own log, and the rest is mail's. */
const SHARE = 8;
/** Less, and hardly anybody comes back without a copy. */
const LEAST = 64 * 1024 ** 2;
const MOST = 1024 ** 3;

/**
 * Log that a server keeps for others that are away, bytes: what the spec says, else an eighth of the volume that it asks for, from
 * 64 MiB to 1 GiB. Of volumes of servers that somebody else runs nobody knows: 1 GiB.
 */
export function retainedLogBytes({ managed }: MailboxPartition['spec']['repository']): number {
  if (managed === undefined) return MOST;
  if (managed.retainedLog !== undefined) return Math.round(parseQuantity(managed.retainedLog));
  const share = Math.floor(parseQuantity(managed.storage.size) / SHARE);
  return Math.min(Math.max(share, LEAST), MOST);
}
