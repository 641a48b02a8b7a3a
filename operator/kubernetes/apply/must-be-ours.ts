import type { V1OwnerReference } from '@kubernetes/client-node';
import { NameTaken } from './name-taken.ts';

type Owned = {
  readonly metadata: {
    readonly namespace?: string | undefined;
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly ownerReferences?: readonly Pick<V1OwnerReference, 'uid' | 'controller'>[] | undefined;
  };
};

const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** Server-side apply would take it over without a word. @throws NameTaken where it has neither our label nor the owner of `desired` */
export function mustBeOurs(found: Owned, desired: Owned & { readonly kind: string }): void {
  if (found.metadata.labels?.[MANAGED_BY] === 'imapcluster-operator') return;
  const owner = ownerUid(found);
  if (owner !== undefined && owner === ownerUid(desired)) return;
  const { namespace = '', name } = desired.metadata;
  throw new NameTaken(`${desired.kind} ${namespace}/${name} is not the operator's, and is left alone`);
}

const ownerUid = ({ metadata }: Owned): string | undefined =>
  metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
