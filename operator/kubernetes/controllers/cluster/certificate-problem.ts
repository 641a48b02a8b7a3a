import type { V1Secret } from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { ApiClient } from '../../api/api-client.ts';
import { type Stored, secrets } from '../../api/resource.ts';

/**
 * Why the certificate of a cluster cannot be used; null where it can, or none is named. The Secret is somebody else's and
 * is asked for by name: a copy of all Secrets there are would hold the private keys of strangers.
 */
export async function certificateProblem(client: ApiClient, { metadata, spec }: ImapCluster): Promise<string | null> {
  if (spec.tls === undefined) return null;
  const { secretName } = spec.tls;
  return missingIn(await client.get(secrets, { namespace: metadata.namespace, name: secretName }), secretName);
}

const FILES = ['tls.crt', 'tls.key'] as const;

/** Exported for its test: what is wrong with the Secret, in words that say what to do. */
export function missingIn(secret: Stored<V1Secret> | null, name: string): string | null {
  if (secret === null) return `there is no Secret ${name}: create it, of type kubernetes.io/tls; pods wait for it`;
  const missing = FILES.filter((file) => (secret.data?.[file] ?? '') === '');
  return missing.length === 0
    ? null
    : `the Secret ${name} has no ${missing.join(' and no ')}: put the certificate there`;
}
