import type { PartitionSpec } from '../partition/partition-spec.ts';
import type { PartitionRecord } from '../partition/record.ts';

/**
 * A person took the primary, or the one that is about to become it, out of the list of servers that somebody else runs, or
 * gave it another name. Nobody knows where it is any more, nor may anybody else take its place: it may serve. null: not so.
 */
export function primaryLeftOut(spec: PartitionSpec, { primary, operation }: PartitionRecord): string | null {
  const named = [primary, operation?.candidate ?? null];
  const lost = named.find((name) => name !== null && !spec.members.some((member) => member.name === name));
  return lost == null ? null : `${lost} is the primary and not among members: put it back, under that name`;
}
