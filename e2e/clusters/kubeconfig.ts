import { stringify } from 'yaml';
import type { KeyPair } from './certificates/authority.ts';

export type KubeconfigInputs = {
  /** Such as "https://10.77.0.1:6443". */
  readonly server: string;
  /** PEM of the cluster's authority. */
  readonly authority: string;
  readonly user: KeyPair;
};

/** The text of a kubeconfig with one cluster and one user, whole in one file. */
export function kubeconfig({ server, authority, user }: KubeconfigInputs): string {
  const name = 'imapcluster';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [
      {
        name,
        user: { 'client-certificate-data': base64(user.certificate), 'client-key-data': base64(user.key) },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
