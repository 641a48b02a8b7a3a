import type { PartitionName } from '#contract/names.ts';
import { canonicalNamespace, canonicalUser } from '#contract/placement.ts';
import { parseSlotRange, type SlotRange } from '#crds/slot-range.ts';

/** What a partition claims of its cluster's mailboxes (`spec.holds`), and since when it exists. */
export type Claim = {
  readonly partition: PartitionName;
  /** `metadata.creationTimestamp`: milliseconds since 1970, of a resolution of seconds. */
  readonly createdAt: number;
  /** Each `N` or `FROM-TO`, as the schema has it. */
  readonly slots: readonly string[];
  /** However they are written. */
  readonly users: readonly string[];
  readonly namespaces: readonly string[];
};

/** What a partition claims that an earlier one holds. */
export type PlacementConflict = {
  readonly with: PartitionName;
  readonly slots: readonly SlotRange[];
  /** In the one spelling by which users are compared. */
  readonly users: readonly string[];
  readonly namespaces: readonly string[];
};

/** Users and slots shown in a message: enough to recognise the mistake. */
const MOST_SHOWN = 5;

/**
 * Slots, users and shared namespaces that two partitions of one cluster claim, which no rule of the API server can see, since a rule sees
 * one object. The earlier partition holds them, by age and then by name, and hears nothing of it: a mistake in a new
 * manifest must not touch mail that is served. The later one gets `PlacementConflict`.
 *
 * @param claims of all partitions of one cluster, in any order
 * @returns what is in the way of each partition that must give way, one entry for each partition that it gives way to;
 *   partitions without a conflict are not in the map
 */
export function placementConflicts(claims: readonly Claim[]): ReadonlyMap<PartitionName, readonly PlacementConflict[]> {
  const byAge = claims.toSorted((a, b) => a.createdAt - b.createdAt || compareNames(a.partition, b.partition));
  const found = byAge.map((later, index) => {
    const conflicts = byAge.slice(0, index).map((earlier) => conflictBetween(earlier, later));
    return [later.partition, conflicts.filter(isAny)] as const;
  });
  return new Map(found.filter(([, conflicts]) => conflicts.length > 0));
}

const isAny = ({ slots, users, namespaces }: PlacementConflict): boolean =>
  slots.length + users.length + namespaces.length > 0;

/** The conflicts of a partition in a sentence that says what to do, for its condition and its Event. */
export function placementConflictMessage(conflicts: readonly PlacementConflict[]): string {
  const each = conflicts.map(({ with: holder, slots, users, namespaces }) => {
    const claims = [
      ...(slots.length === 0 ? [] : [`slots ${shown(slots.map(rangeText))}`]),
      ...(users.length === 0 ? [] : [`users ${shown(users)}`]),
      ...(namespaces.length === 0 ? [] : [`namespaces ${shown(namespaces)}`]),
    ];
    return `${claims.join(' and ')} held by ${holder}`;
  });
  return `${each.join('; ')}: they stay there; take them out of spec.holds of one of the partitions`;
}

function conflictBetween(earlier: Claim, later: Claim): PlacementConflict {
  const held = new Set(earlier.users.map(canonicalUser));
  const users = new Set(later.users.map(canonicalUser));
  const theirs = new Set(earlier.namespaces.map(canonicalNamespace));
  return {
    with: earlier.partition,
    slots: merge(
      earlier.slots.flatMap((a) => later.slots.flatMap((b) => common(parseSlotRange(a), parseSlotRange(b)))),
    ),
    users: [...users].filter((user) => held.has(user)).sort(),
    namespaces: [...new Set(later.namespaces.map(canonicalNamespace))].filter((name) => theirs.has(name)).sort(),
  };
}

/** The API server's order of names, whatever the language of the machine. */
const compareNames = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function common(a: SlotRange, b: SlotRange): readonly SlotRange[] {
  const from = Math.max(a.from, b.from);
  const to = Math.min(a.to, b.to);
  return from <= to ? [{ from, to }] : [];
}

/** Ascending, and each slot once: ranges of one partition may overlap too. */
function merge(ranges: readonly SlotRange[]): readonly SlotRange[] {
  const merged: SlotRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && range.from <= last.to + 1) {
      merged.splice(-1, 1, { from: last.from, to: Math.max(last.to, range.to) });
    } else {
      merged.push(range);
    }
  }
  return merged;
}

const rangeText = ({ from, to }: SlotRange): string => (from === to ? `${from}` : `${from}-${to}`);

function shown(words: readonly string[]): string {
  const further = words.length - MOST_SHOWN;
  return words.slice(0, MOST_SHOWN).join(', ') + (further > 0 ? ` and ${further} more` : '');
}
