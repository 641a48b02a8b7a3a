import { parseDuration } from '#crds/duration.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';

/** Where imapd finds the certificates of authorities, where the spec names them. */
export type AuthorityFiles = { readonly issuerAuthority: string; readonly clientAuthority: string };

/** What the spec does not hold. */
export type OwnParts = AuthorityFiles & { readonly scramSecret: string };

/** How people sign in: the part of imapd's configuration that `spec.authentication` decides. */
export function imapdAuthentication({ spec }: ImapCluster, own: OwnParts) {
  const { issuerAuthority, clientAuthority, scramSecret } = own;
  const { passwords, oauthBearer, clientCertificates, admins } = spec.authentication;
  return {
    passwords,
    scramSecret,
    admins: admins.toSorted(),
    ...(oauthBearer === undefined ? {} : { oauth: oauth(oauthBearer, issuerAuthority) }),
    ...(clientCertificates === undefined
      ? {}
      : { clientCertificates: { caFile: clientAuthority, userFrom: USER_FROM[clientCertificates.userFrom] } }),
  };
}

const USER_FROM = { EmailAddress: 'emailAddress', CommonName: 'commonName' } as const;

type OauthBearer = NonNullable<ImapCluster['spec']['authentication']['oauthBearer']>;

const oauth = ({ clockSkew, caSecretName, ...same }: OauthBearer, caFile: string) => ({
  ...same,
  clockSkewMs: parseDuration(clockSkew),
  ...(caSecretName === undefined ? {} : { caFile }),
});
