/** `fieldsV1` of an entry of `managedFields`, or a part of it: names of fields, with those within each. */
export type Fields = { readonly [name: string]: Fields };

/** By what it is made of. `number`: its name where it is a part of others. */
type Known = { readonly fields: Fields; readonly number: number };

const known = new Map<string, Known>();
/** More than there are: as many as there are kinds of objects that one manager writes, each in a few forms, and parts of each. */
const MOST_KNOWN = 10_000;
let numbered = 0;

/** In the name of an item of `ownerReferences` there is one, and nothing that it is in is another object's too. */
const UNSHARED = '"uid"';

/**
 * The same, of parts that are kept once for all objects that have them. The names of an object's fields take more space than what is
 * in them, and thousands of objects have the same, but for whom they belong to: a part that names an owner is each object's own, and
 * what is in it and beside it is not.
 */
export function sharedFields(fields: Fields): Fields {
  return share(fields).fields;
}

/** `number`: null where it is that object's own. */
function share(fields: Fields): { readonly fields: Fields; readonly number: number | null } {
  const parts: [string, Fields][] = [];
  let name: string | null = '';
  for (const key in fields) {
    const below = share(fields[key] ?? {});
    parts.push([key, below.fields]);
    name =
      name === null || below.number === null || key.includes(UNSHARED)
        ? null
        : `${name}${JSON.stringify(key)}${below.number}`;
  }
  if (name === null) return { fields: Object.fromEntries(parts), number: null };
  const before = known.get(name);
  if (before !== undefined) return before;
  // Numbers go on: a part of what is forgotten is never taken for another.
  if (known.size >= MOST_KNOWN) known.clear();
  numbered += 1;
  const made = { fields: Object.fromEntries(parts), number: numbered };
  known.set(name, made);
  return made;
}
