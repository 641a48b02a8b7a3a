import { isDeepStrictEqual } from 'node:util';
import type { ApiObject } from '../api/resource.ts';

type Fields = { readonly [key: string]: Fields };
type Entry = {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: Fields;
};
type Json = Readonly<Record<string, unknown>>;

/** One level of both objects, with what `manager` owns of it. */
type Level = { readonly owned: Fields; readonly desired: unknown; readonly live: unknown; readonly path: string };

/** They name the object; nobody owns them. */
const NAMES: ReadonlySet<string> = new Set(['.apiVersion', '.kind', '.metadata.name', '.metadata.namespace']);

/**
 * The first field by which a server-side apply of `desired` as `manager` would change `live`: one that is not ours yet,
 * one of ours with another value, or one of ours that is no longer wanted. null: applying would change nothing. What
 * others own, and what the server filled in, does not count. Pure.
 *
 * Values are compared as written, so a manifest has to be written as the server stores it: `1`, not `1000m`, and with the
 * defaults of those objects that are owned as a whole (`fieldRef.apiVersion`). One that is not costs a request each time,
 * and changes nothing.
 */
export function differs(desired: ApiObject, live: ApiObject, manager: string): string | null {
  const owned = ownedFields(live, manager);
  if (owned === null) return '.metadata.managedFields';
  const given = JSON.parse(JSON.stringify(desired)) as unknown;
  return compare({ owned, desired: given, live, path: '' });
}

function ownedFields(live: ApiObject, manager: string): Fields | null {
  const { managedFields = [] } = live.metadata as { readonly managedFields?: readonly Entry[] };
  const isOurs = (entry: Entry): boolean =>
    entry.manager === manager && entry.operation === 'Apply' && (entry.subresource ?? '') === '';
  return managedFields.find(isOurs)?.fieldsV1 ?? null;
}

/**
 *   f:NAME    a field        k:{…}   the item of a list with these keys
 *   v:VALUE   a set's item   .       the field itself, beside what is in it
 */
function compare(level: Level): string | null {
  const { owned, desired, live, path } = level;
  const keys = Object.keys(owned).filter((key) => key !== '.');
  if (keys.length === 0) return isDeepStrictEqual(desired, live) ? null : path;
  return Array.isArray(desired) ? compareItems(level, keys) : compareFields(level, keys);
}

function compareFields({ owned, desired, live, path }: Level, keys: readonly string[]): string | null {
  if (!isObject(desired) || !isObject(live)) return path;
  const names = keys.map((key) => key.slice(2));
  const foreign = Object.keys(desired).find((name) => !(names.includes(name) || isUnowned(desired[name], path, name)));
  if (foreign !== undefined) return `${path}.${foreign}`;
  for (const name of names) {
    const below = {
      owned: owned[`f:${name}`] ?? {},
      desired: desired[name],
      live: live[name],
      path: `${path}.${name}`,
    };
    if (!(name in desired)) return below.path;
    const difference = compare(below);
    if (difference !== null) return difference;
  }
  return null;
}

/** `metadata` of an object with nothing but its name in it is not in the list of what is owned. */
function isUnowned(value: unknown, path: string, name: string): boolean {
  const here = `${path}.${name}`;
  if (NAMES.has(here)) return true;
  return here === '.metadata' && isObject(value) && Object.keys(value).every((key) => NAMES.has(`${here}.${key}`));
}

function compareItems({ owned, desired, live, path }: Level, keys: readonly string[]): string | null {
  if (!Array.isArray(desired) || !Array.isArray(live) || desired.length !== keys.length) return path;
  for (const key of keys) {
    const below = {
      owned: owned[key] ?? {},
      desired: pick(desired, key),
      live: pick(live, key),
      path: `${path}[${key}]`,
    };
    if (below.desired === undefined || below.live === undefined) return below.path;
    const difference = compare({ ...below, owned: withoutDefaultedKeys(below.owned, below.desired, key) });
    if (difference !== null) return difference;
  }
  return null;
}

function pick(items: readonly unknown[], key: string): unknown {
  const wanted: unknown = JSON.parse(key.slice(2));
  if (!key.startsWith('k:')) return items.find((item) => isDeepStrictEqual(item, wanted));
  return items.find((item) => isObject(item) && isObject(wanted) && hasKeys(item, wanted));
}

/** A key that the manifest leaves to its default (`protocol: TCP`) is in the name of the item all the same. */
function hasKeys(item: Json, wanted: Json): boolean {
  return Object.entries(wanted).every(([key, value]) => !(key in item) || item[key] === value);
}

function withoutDefaultedKeys(owned: Fields, item: unknown, key: string): Fields {
  if (!(key.startsWith('k:') && isObject(item))) return owned;
  const defaulted = Object.keys(JSON.parse(key.slice(2)) as Json).filter((name) => !(name in item));
  return Object.fromEntries(Object.entries(owned).filter(([field]) => !defaulted.includes(field.slice(2))));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
