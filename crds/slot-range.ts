import { type PartitionName, partitionName } from '#contract/names.ts';
import type { Placement } from '#contract/routing-document.ts';
import type { MailboxPartition } from './mailbox-partition.ts';

/** Slots from `from` to `to`, both included. */
export type SlotRange = { readonly from: number; readonly to: number };

/** Reads `N` or `FROM-TO`; the schema has checked the shape. */
export function parseSlotRange(text: string): SlotRange {
  const [from, to] = text.split('-').map(Number);
  if (from === undefined || Number.isNaN(from)) throw new RangeError(`not a range of slots: ${JSON.stringify(text)}`);
  return { from, to: to ?? from };
}

/** All ranges of all partitions in ascending order, as the routing document wants them. */
export function slotsOf(partitions: readonly MailboxPartition[]): Placement['slots'] {
  return partitions
    .flatMap((partition) =>
      partition.spec.holds.slots.map((text) => ({ ...parseSlotRange(text), partition: partition.metadata.name })),
    )
    .sort((a, b) => a.from - b.from);
}

/** Slots that two partitions claim. */
export type SlotOverlap = { readonly slots: SlotRange; readonly partitions: readonly [PartitionName, PartitionName] };

/** Slots held twice, out of ranges in ascending order. */
export function overlapsOf(ranges: Placement['slots']): readonly SlotOverlap[] {
  const found: SlotOverlap[] = [];
  let widest = ranges[0];
  for (const range of ranges.slice(1)) {
    if (widest !== undefined && range.from <= widest.to) {
      const slots = { from: range.from, to: Math.min(range.to, widest.to) };
      found.push({ slots, partitions: [partitionName(widest.partition), partitionName(range.partition)] });
    }
    if (widest === undefined || range.to > widest.to) widest = range;
  }
  return found;
}

/** Slots below `count` that no range covers. Users in them have no mailbox and cannot sign in. */
export function gapsOf(ranges: Placement['slots'], count: number): readonly SlotRange[] {
  const gaps: SlotRange[] = [];
  let next = 0;
  for (const { from, to } of ranges) {
    if (from > next) gaps.push({ from: next, to: from - 1 });
    next = Math.max(next, to + 1);
  }
  if (next < count) gaps.push({ from: next, to: count - 1 });
  return gaps;
}
