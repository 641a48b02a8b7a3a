import type { ImapCluster } from './imap-cluster.ts';

/** A Secret of somebody else's that an ImapCluster names: its pods wait for it. */
export type SecretReference = {
  readonly use: 'tls' | 'issuerAuthority' | 'clientAuthority';
  /** Of the field that names it. */
  readonly path: readonly string[];
  readonly name: string;
  /** What must be in it. */
  readonly keys: readonly string[];
  /** What it is taken for, for people. */
  readonly what: string;
};

/** Key of the certificates of an authority, PEM: what cert-manager calls it, and Kubernetes itself. */
export const AUTHORITY_KEY = 'ca.crt';

export function secretReferences({ spec }: Pick<ImapCluster, 'spec'>): readonly SecretReference[] {
  const { tls, authentication } = spec;
  const found: SecretReference[] = [];
  if (tls !== undefined) {
    const path = ['spec', 'tls', 'secretName'];
    found.push({ use: 'tls', path, name: tls.secretName, keys: ['tls.crt', 'tls.key'], what: 'TLS' });
  }
  const issuer = authentication.oauthBearer?.caSecretName;
  if (issuer !== undefined) {
    const path = ['spec', 'authentication', 'oauthBearer', 'caSecretName'];
    found.push({ use: 'issuerAuthority', path, name: issuer, keys: [AUTHORITY_KEY], what: 'the issuer of tokens' });
  }
  const clients = authentication.clientCertificates?.caSecretName;
  if (clients !== undefined) {
    const path = ['spec', 'authentication', 'clientCertificates', 'caSecretName'];
    found.push({ use: 'clientAuthority', path, name: clients, keys: [AUTHORITY_KEY], what: 'certificates of clients' });
  }
  return found;
}
