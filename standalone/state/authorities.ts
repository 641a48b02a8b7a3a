import type { ImapCluster } from '#crds/imap-cluster.ts';
import { AUTHORITY_KEY, secretReferences } from '#crds/secret-references.ts';
import type { AuthorityFiles } from '#operator/cluster/imapd-authentication.ts';
import { type Secret, secretValues } from '../manifests/secret.ts';
import type { StateFolder } from './state-folder.ts';

export type NamedSecrets = { readonly cluster: ImapCluster; readonly secrets: readonly Secret[] };

/** Puts the certificates of the authorities that the cluster names where imapd reads them. */
export async function authorityFiles(state: StateFolder, { cluster, secrets }: NamedSecrets): Promise<AuthorityFiles> {
  const write = async (use: keyof AuthorityFiles, file: string): Promise<string> => {
    const name = secretReferences(cluster).find((reference) => reference.use === use)?.name;
    const secret = secrets.find(({ metadata }) => metadata.name === name);
    if (secret === undefined) return state.file('tls', file);
    return await state.writeForChildren(secretValues(secret).get(AUTHORITY_KEY) ?? '', 'tls', file);
  };
  return {
    issuerAuthority: await write('issuerAuthority', 'issuer-authority.crt'),
    clientAuthority: await write('clientAuthority', 'client-authority.crt'),
  };
}
