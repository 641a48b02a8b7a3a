import type { ApiObject } from '../api/resource.ts';

type ManagedFields = { readonly manager?: string; readonly operation?: string; readonly subresource?: string };

/**
 * The object without `managedFields`, which are often half of it. Where `manager` is named its own entry stays: `differs`
 * needs it to see what must be written.
 */
export function keepOwnFields<T extends ApiObject>(object: T, manager: string | null): T {
  const { managedFields, ...metadata } = object.metadata as T['metadata'] & {
    readonly managedFields?: readonly ManagedFields[];
  };
  const own = managedFields?.filter((entry) => manager !== null && entry.manager === manager) ?? [];
  return { ...object, metadata: own.length === 0 ? metadata : { ...metadata, managedFields: own } };
}
