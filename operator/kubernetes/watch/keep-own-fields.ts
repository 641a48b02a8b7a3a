import type { ApiObject } from '../api/resource.ts';
import { type Fields, sharedFields } from './shared-fields.ts';

type ManagedFields = {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: Fields;
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

/** When, and in which version of the kind, it was written is asked by nobody. */
const withSharedFields = ({ manager, operation, subresource, fieldsV1 }: ManagedFields): ManagedFields => ({
  ...(manager === undefined ? {} : { manager }),
  ...(operation === undefined ? {} : { operation }),
  ...(subresource === undefined ? {} : { subresource }),
  ...(fieldsV1 === undefined ? {} : { fieldsV1: sharedFields(fieldsV1) }),
});
