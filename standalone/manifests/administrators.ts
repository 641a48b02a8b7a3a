import type { Manifests } from './load-manifests.ts';
import { secretValues } from './secret.ts';

/** With whose name the operator signs in to servers that somebody else runs. */
export type Administrator = { readonly username: string; readonly password: string };

/** What the Secret of `credentialsSecretRef` has to hold. */
export const ADMINISTRATOR_KEYS = ['username', 'password'] as const;

/** By partition, of checked manifests: those with servers of somebody else. */
export function administrators({ partitions, secrets }: Manifests): ReadonlyMap<string, Administrator> {
  const found = partitions.flatMap(({ metadata, spec }) => {
    const { credentialsSecretRef: reference } = spec.repository;
    const secret = secrets.find((candidate) => candidate.metadata.name === reference?.name);
    if (secret === undefined) return [];
    const values = secretValues(secret);
    return [
      [metadata.name, { username: values.get('username') ?? '', password: values.get('password') ?? '' }] as const,
    ];
  });
  return new Map(found);
}
