import type { ApiObject } from '../api/resource.ts';

type ManagedFields = {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: object;
};

/**
 * The object without `managedFields`, which are often half of it. Where `manager` is named its own entry stays: `differs`
 * needs it to see what must be written.
 */
export function keepOwnFields<T extends ApiObject>(object: T, manager: string | null): T {
  const { managedFields, ...metadata } = object.metadata as T['metadata'] & {
    readonly managedFields?: readonly ManagedFields[];
  };
  const own = managedFields?.filter((entry) => manager !== null && entry.manager === manager).map(withSharedFields);
  return {
    ...object,
    metadata: own === undefined || own.length === 0 ? metadata : { ...metadata, managedFields: own },
  };
}

const withSharedFields = (entry: ManagedFields): ManagedFields =>
  entry.fieldsV1 === undefined ? entry : { ...entry, fieldsV1: shared(entry.fieldsV1) };

/** By their text. More than there are: as many as one manager writes kinds of objects, each in a few forms. */
const known = new Map<string, object>();
const MOST_KNOWN = 1_000;

/** The names of an object's fields take more space than what is in them, and thousands of objects have the same: kept once. */
function shared(fields: object): object {
  if (known.size > MOST_KNOWN) known.clear();
  return known.getOrInsertComputed(JSON.stringify(fields), () => fields);
}
