import { type Owner, ownerReference } from '../../objects/owned-meta.ts';
import type { ApiClient } from '../api/api-client.ts';
import { deleteObject } from '../apply/delete-object.ts';
import type { Caches } from './caches/caches.ts';
import { kindKey } from './caches/caches.ts';
import { disruptionBudgets } from './caches/managed-kinds.ts';
import { isBeingDeleted } from './is-being-deleted.ts';

export type Unwanted = {
  readonly owner: Owner;
  /** `groupOf` of what belongs to the owner. */
  readonly group: string;
  readonly wanted: readonly { readonly kind: string; readonly metadata: { readonly name: string } }[];
};

/** Kinds of which an object may be wanted at one time and not at another. What is asked of all others is there always. */
const PASSING = [disruptionBudgets];

type Around = { readonly client: ApiClient; readonly caches: Caches; readonly signal: AbortSignal };

/** Deletes what the operator once made for an owner and would not make now. What somebody else made is theirs. */
export async function removeUnwanted({ owner, group, wanted }: Unwanted, around: Around): Promise<void> {
  const { uid } = ownerReference(owner);
  for (const resource of PASSING) {
    const names = new Set(wanted.filter(({ kind }) => kind === resource.kind).map(({ metadata }) => metadata.name));
    const found = around.caches.applied.get(kindKey(resource))?.cache.of(group) ?? [];
    for (const seen of found) {
      const isOurs = seen.metadata.ownerReferences?.some((reference) => reference.uid === uid) === true;
      if (!isOurs || names.has(seen.metadata.name) || isBeingDeleted(seen)) continue;
      await deleteObject(around.client, { resource, seen, signal: around.signal });
    }
  }
}
