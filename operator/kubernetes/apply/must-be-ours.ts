import type { V1OwnerReference } from '@kubernetes/client-node';
import { MANAGED_BY } from './missing-labels.ts';
import { NameTaken } from './name-taken.ts';

type Owned = {
  readonly metadata: {
    readonly namespace?: string | undefined;
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly ownerReferences?: readonly Pick<V1OwnerReference, 'uid' | 'controller' | 'kind' | 'name'>[] | undefined;
  };
};

const COMPONENT = 'app.kubernetes.io/component';

/**
 * Server-side apply would take it over without a word.
 * @throws NameTaken where it has neither our label nor the owner of `desired`, or was made for another cluster or partition
 */
export function mustBeOurs(found: Owned, desired: Owned & { readonly kind: string }): void {
  const { namespace = '', name } = desired.metadata;
  const place = `${desired.kind} ${namespace}/${name}`;
  if (found.metadata.labels?.[MANAGED_BY] === 'imapcluster-operator') {
    if (!isAnothers(found, desired)) return;
    throw new NameTaken(`${place} belongs to ${whoseOf(found)}, and is left alone: names must not meet`);
  }
  const owner = ownerOf(found)?.uid;
  if (owner !== undefined && owner === ownerOf(desired)?.uid) return;
  throw new NameTaken(`${place} is not the operator's, and is left alone`);
}

/** By kind and name, for what was restored from a backup has the uid of an owner that is no more. */
function isAnothers(found: Owned, desired: Owned): boolean {
  const [has, wants] = [ownerOf(found), ownerOf(desired)];
  if (has !== undefined && wants !== undefined) return has.kind !== wants.kind || has.name !== wants.name;
  // Passwords that outlive their partition have no owner.
  const component = found.metadata.labels?.[COMPONENT];
  return component !== undefined && component !== desired.metadata.labels?.[COMPONENT];
}

function whoseOf(found: Owned): string {
  const owner = ownerOf(found);
  return owner === undefined ? `a ${found.metadata.labels?.[COMPONENT]}` : `${owner.kind} ${owner.name}`;
}

const ownerOf = ({ metadata }: Owned) => metadata.ownerReferences?.find(({ controller }) => controller === true);
