import type { ApiObject } from './api-reader.ts';

/** As much of a Lease as is looked at here. */
export type LeaseObject = ApiObject & { readonly spec?: { readonly holderIdentity?: string } };

/** An operator that leads: its pod, and where. */
export type Leader = { readonly namespace: string; readonly pod: string };

/** The pod that a Lease names: identities are `POD_RANDOM`, and a pod's name has no `_`. null: nobody leads. */
export function leaseHolder({ metadata, spec }: LeaseObject): Leader | null {
  const [pod = ''] = (spec?.holderIdentity ?? '').split('_');
  return pod === '' || metadata.namespace === undefined ? null : { namespace: metadata.namespace, pod };
}
