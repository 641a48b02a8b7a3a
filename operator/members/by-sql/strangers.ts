import type { MemberName } from '#contract/names.ts';

/** The system identifier of each server, as last seen; null: not seen yet. */
export type Identifiers = ReadonlyMap<MemberName, string | null>;

/**
 * Servers that are of another repository than most. Where no identifier has most, nobody can say who is strange: the primary
 * that is taken over settles it, since whoever is to follow it is compared with it.
 */
export function strangers(identifiers: Identifiers): ReadonlySet<MemberName> {
  const known = [...identifiers].filter(([, identifier]) => identifier !== null);
  const counts = Map.groupBy(known, ([, identifier]) => identifier);
  const most = [...counts].find(([, members]) => 2 * members.length > known.length)?.[0];
  if (most === undefined) return new Set();
  return new Set(known.filter(([, identifier]) => identifier !== most).map(([member]) => member));
}
