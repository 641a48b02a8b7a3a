import type { ApiClient } from '../api/api-client.ts';
import { applyObject } from '../apply/apply-object.ts';
import { mustBeOurs } from '../apply/must-be-ours.ts';
import { keyOf } from '../watch/key-of.ts';
import { type AppliedKind, type Caches, kindKey } from './caches/caches.ts';
import type { ManagedObject } from './caches/managed-object.ts';

export type AnyBuilt = ManagedObject & { readonly apiVersion: string; readonly kind: string };

type Around = { readonly client: ApiClient; readonly caches: Caches; readonly signal: AbortSignal };

/** Brings one object about. Whether anything had to be written. @throws NameTaken, ApiError, network errors */
export async function applyBuilt(built: AnyBuilt, { client, caches, signal }: Around): Promise<boolean> {
  const kind = caches.applied.get(kindKey(built));
  if (kind === undefined) throw new RangeError(`no cache for ${kindKey(built)}`);
  const seen = kind.cache.get(keyOf(built.metadata)) ?? null;
  // Only what carries our label is in the copy: before something is made, it is looked whether the name is free.
  if (seen === null) await refuseForeign(client, kind, built);
  else mustBeOurs(seen, built);
  const { resource } = kind;
  const { wrote, object } = await applyObject<ManagedObject>(client, { resource, desired: built, live: seen, signal });
  if (wrote) kind.cache.written(object);
  return wrote;
}

async function refuseForeign(client: ApiClient, { resource }: AppliedKind, built: AnyBuilt): Promise<void> {
  const found = await client.get<ManagedObject>(resource, built.metadata);
  if (found !== null) mustBeOurs(found, built);
}
