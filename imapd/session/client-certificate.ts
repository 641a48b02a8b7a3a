import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** Which field of a certificate names the user. */
export type CertificateField = 'emailAddress' | 'commonName';

/** A certificate that the client has shown and proved, by an authority that the server asks for. */
export type ClientCertificate = {
  /** Whom it names; more than one where it does. */
  readonly users: readonly string[];
  /** Its end, in milliseconds of the Unix epoch. */
  readonly until: number;
};

/**
 * What a TLS connection says of its client; null where it has shown no certificate that holds. A session that is resumed is
 * judged by the verdict of its first handshake (RFC 8446, 2.2): it may have been without a certificate, or that one has ended.
 */
export function clientCertificate(socket: TLSSocket, field: CertificateField): ClientCertificate | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined || !holds(socket)) return null;
  const until = Date.parse(certificate.validTo);
  return until <= Date.now() ? null : { users: usersIn(certificate, field), until };
}

/**
 * Whether OpenSSL found the chain, the dates and the purpose in order. Node asks that itself, by this call, for connections
 * that its own `tls.Server` has accepted, and nowhere tells it of one that has begun in clear text (STARTTLS). Should a Node
 * to come have it no more, no certificate holds.
 */
function holds(socket: TLSSocket): boolean {
  const { _handle: handle } = socket as { readonly _handle?: { readonly verifyError?: () => unknown } | null };
  if (typeof handle?.verifyError !== 'function') return false;
  const error = handle.verifyError();
  return error === null || error === undefined;
}

/** Exported for its test. Names of users in the subject, or among its alternatives (RFC 5280, 4.2.1.6: rfc822Name). */
export function usersIn(certificate: X509Certificate, field: CertificateField): readonly string[] {
  if (field === 'emailAddress') return emailsIn(certificate.subjectAltName ?? '');
  const { subject } = certificate.toLegacyObject() as { readonly subject?: { readonly CN?: string | string[] } };
  return [subject?.CN ?? []].flat().filter((name) => name !== '');
}

/** Node writes `email:NAME, DNS:NAME`, and a name that could be taken for more than one as a JSON string. */
function emailsIn(alternatives: string): readonly string[] {
  return [...alternatives.matchAll(/(?:^|, )([A-Za-z0-9 ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/g)]
    .filter(([, kind]) => kind === 'email')
    .map(([, , name = '']) => (name.startsWith('"') ? String(JSON.parse(name)) : name))
    .filter((name) => name !== '');
}
