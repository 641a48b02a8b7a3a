import { isDeepStrictEqual } from 'node:util';
import type { ApiObject } from '../api/resource.ts';

/** Fields of the status as it is that are not as `status` says: once ours is applied, somebody else's. */
export function foreignFields(status: object, object: ApiObject): readonly string[] {
  const wanted = plain(status) as Readonly<Record<string, unknown>>;
  const live = plain((object as { readonly status?: object }).status ?? {}) as Readonly<Record<string, unknown>>;
  // Conditions are a map by type, in which others may have their own.
  return Object.keys(live).filter((field) => field !== 'conditions' && !isDeepStrictEqual(live[field], wanted[field]));
}

/** As JSON, and without nulls: whether a server keeps them is no difference. */
const plain = (value: object): unknown =>
  JSON.parse(JSON.stringify(value, (_, inner: unknown) => (inner === null ? undefined : inner)));
