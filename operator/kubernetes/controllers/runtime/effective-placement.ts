import { canonicalNamespace, canonicalUser } from '#contract/placement.ts';
import { type Placement, SLOT_COUNT } from '#contract/routing-document.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { parseSlotRange } from '#crds/slot-range.ts';
import { byAge } from './by-age.ts';

/** `contested`: whether anything is claimed by two. */
export type EffectivePlacement = { readonly placement: Placement; readonly contested: boolean };

/**
 * Who holds what where claims conflict: the earlier partition. Of the later one only what is contested is left out, and it
 * goes on with the rest: a mistake in one manifest must not take more mail away than it has to.
 */
export function effectivePlacement(partitions: readonly MailboxPartition[]): EffectivePlacement {
  const users = new Map<string, string>();
  const namespaces = new Map<string, string>();
  const slots: (string | undefined)[] = Array.from({ length: SLOT_COUNT });
  let contested = false;
  const claim = (holder: string | undefined, name: string): string => {
    contested ||= holder !== undefined && holder !== name;
    return holder ?? name;
  };
  for (const { metadata, spec } of byAge(partitions)) {
    const { name } = metadata;
    for (const user of spec.holds.users.map(canonicalUser)) users.set(user, claim(users.get(user), name));
    for (const level of spec.holds.namespaces.map(canonicalNamespace))
      namespaces.set(level, claim(namespaces.get(level), name));
    for (const { from, to } of spec.holds.slots.map(parseSlotRange))
      for (let slot = from; slot <= Math.min(to, SLOT_COUNT - 1); slot += 1) slots[slot] = claim(slots[slot], name);
  }
  const placed = { users: Object.fromEntries(users), namespaces: Object.fromEntries(namespaces) };
  return { contested, placement: { ...placed, slots: runsOf(slots) } };
}

/** Neighbours that belong to the same partition, as one range. */
function runsOf(slots: readonly (string | undefined)[]): Placement['slots'] {
  const runs: Placement['slots'] = [];
  for (const [slot, partition] of slots.entries()) {
    const last = runs.at(-1);
    if (partition === undefined) continue;
    if (last?.partition === partition && last.to === slot - 1) last.to = slot;
    else runs.push({ from: slot, to: slot, partition });
  }
  return runs;
}
