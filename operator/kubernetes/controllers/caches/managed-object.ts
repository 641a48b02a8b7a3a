import type { V1OwnerReference } from '@kubernetes/client-node';
import type { ApiObject } from '../../api/resource.ts';

/** An object of any kind that the operator makes, as far as controllers look at it without knowing which. */
export type ManagedObject = ApiObject & {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly ownerReferences?: readonly Pick<V1OwnerReference, 'kind' | 'name' | 'uid' | 'controller'>[] | undefined;
    readonly deletionTimestamp?: string | undefined;
  };
};
