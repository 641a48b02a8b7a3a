import type { V1Secret } from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { type SecretReference, secretReferences } from '#crds/secret-references.ts';
import type { ApiClient } from '../../api/api-client.ts';
import { type Stored, secrets } from '../../api/resource.ts';

/**
 * Why the certificates of a cluster cannot be used; null where they can, or none is named. The Secrets are somebody else's
 * and are asked for by name: a copy of all Secrets there are would hold the private keys of strangers.
 */
export async function certificateProblem(client: ApiClient, cluster: ImapCluster): Promise<string | null> {
  const { namespace } = cluster.metadata;
  const problems = await Promise.all(
    secretReferences(cluster).map(async (reference) =>
      missingIn(await client.get(secrets, { namespace, name: reference.name }), reference),
    ),
  );
  const told = problems.filter((problem) => problem !== null);
  return told.length === 0 ? null : told.join('; ');
}

/** Exported for its test: what is wrong with the Secret, in words that say what to do. */
export function missingIn(
  secret: Stored<V1Secret> | null,
  { name, keys, what }: Pick<SecretReference, 'name' | 'keys' | 'what'>,
): string | null {
  if (secret === null)
    return `there is no Secret ${name} for ${what}: create it, with ${keys.join(' and ')}; pods wait for it`;
  const missing = keys.filter((file) => (secret.data?.[file] ?? '') === '');
  return missing.length === 0
    ? null
    : `the Secret ${name} has no ${missing.join(' and no ')}, for ${what}: put the certificate there`;
}
