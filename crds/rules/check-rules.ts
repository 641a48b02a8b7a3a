import type { Rule } from './rule.ts';

/** A rule that an object breaks, and where. `found` is the value that the rule judged. */
export type Violation = {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly found: unknown;
};

type Place = { readonly path: readonly (string | number)[]; readonly self: unknown; readonly oldSelf: unknown };

/** Evaluates the rules over an object that has passed its schema. `before` is the same object as it was, or null. */
export function checkRules(rules: readonly Rule[], object: unknown, before: unknown = null): readonly Violation[] {
  return rules.flatMap((rule) =>
    placesOf(rule, { path: [], self: object, oldSelf: before ?? undefined })
      .filter(({ oldSelf }) => !rule.transition || oldSelf !== undefined)
      .filter(({ self, oldSelf }) => !rule.holds(self, oldSelf))
      .map(({ path, self }) => ({ path, message: rule.message, found: self })),
  );
}

/** Items of a list have no `oldSelf`: as in CEL, where a list of type set cannot tell them apart over time. */
function placesOf(rule: Rule, root: Place): readonly Place[] {
  let places: readonly Place[] = [root];
  for (const key of rule.at) {
    places = places.flatMap((place) => (key === '*' ? itemsOf(place) : fieldOf(place, key)));
  }
  return places;
}

function itemsOf({ path, self }: Place): readonly Place[] {
  if (!Array.isArray(self)) return [];
  return self.map((item, index) => ({ path: [...path, index], self: item, oldSelf: undefined }));
}

function fieldOf({ path, self, oldSelf }: Place, key: string): readonly Place[] {
  const value = get(self, key);
  return value === undefined ? [] : [{ path: [...path, key], self: value, oldSelf: get(oldSelf, key) }];
}

function get(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
