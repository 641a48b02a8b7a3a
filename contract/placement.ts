import { createHash } from 'node:crypto';
import { type PartitionName, partitionName } from './names.ts';
import { type Placement, SLOT_COUNT } from './routing-document.ts';

/**
 * The slot of a user: the first 4 bytes of SHA-256 over the lower-cased name in NFC, modulo 1024. Part of the contract:
 * every program, in every version, must place a user alike.
 */
export function slotOf(user: string): number {
  return createHash('sha256').update(canonicalUser(user)).digest().readUInt32BE(0) % SLOT_COUNT;
}

/** The one spelling under which a user is stored, placed and compared. */
export const canonicalUser = (user: string): string => user.normalize('NFC').toLowerCase();

/** The one spelling of a shared namespace, in which clients write it, too. */
export const canonicalNamespace = (name: string): string => name.normalize('NFC');

/** The partition of a user's mailboxes, or null where no rule matches. */
export function partitionOfUser(placement: Placement, user: string): PartitionName | null {
  const name = canonicalUser(user);
  const exact = Object.hasOwn(placement.users, name) ? placement.users[name] : undefined;
  if (exact !== undefined) return partitionName(exact);
  const slot = slotOf(name);
  const range = placement.slots.find((r) => r.from <= slot && slot <= r.to);
  return range === undefined ? null : partitionName(range.partition);
}
