import type { ApiClient } from '../api/api-client.ts';
import type { ApiObject, Resource } from '../api/resource.ts';
import { differs } from './differs.ts';

/** Owner of all fields that the operator applies; one name, or fields that it no longer wants would stay. */
export const FIELD_MANAGER = 'imapcluster-operator';

export type ApplyInputs<T extends ApiObject> = {
  readonly resource: Resource<T>;
  /** The fields that are to be ours, and no others. */
  readonly desired: T;
  /** As last heard of, with our entry of managedFields; null: there is none. */
  readonly live: T | null;
  readonly signal: AbortSignal;
};

/** `because`: the first field that differed; null where the object was made. */
export type Applied<T> =
  | { readonly wrote: false; readonly object: T }
  | { readonly wrote: true; readonly object: T; readonly because: string | null };

/** Brings an object to what it should be, and sends nothing where it is that already (invariant I11). */
export async function applyObject<T extends ApiObject>(client: ApiClient, inputs: ApplyInputs<T>): Promise<Applied<T>> {
  const { resource, desired, live, signal } = inputs;
  const because = live === null ? null : differs(desired, live, FIELD_MANAGER);
  if (live !== null && because === null) return { wrote: false, object: live };
  const object = await client.apply(resource, desired, { manager: FIELD_MANAGER, signal });
  return { wrote: true, object, because };
}
