import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { AUTHORITY_KEY } from '#crds/secret-references.ts';

/** What is wrong with a certificate and its key as imapd would take them, in words; null where nothing is. */
export function tlsMistake(certificate: string, key: string): string | null {
  const own = attempt(() => new X509Certificate(certificate));
  if (own === null) return 'tls.crt is no certificate in PEM';
  const secret = attempt((): KeyObject => createPrivateKey(key));
  if (secret === null) return 'tls.key is no private key in PEM (without a passphrase)';
  if (!own.checkPrivateKey(secret)) return 'tls.key is not the key of the certificate in tls.crt';
  try {
    createSecureContext({ cert: certificate, key });
    return null;
  } catch (error) {
    return `tls.crt and tls.key cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The same of the certificates of an authority. */
export const authorityMistake = (certificates: string): string | null =>
  attempt(() => new X509Certificate(certificates)) === null ? `${AUTHORITY_KEY} is no certificate in PEM` : null;

/** OpenSSL's words for what it cannot read help nobody. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
