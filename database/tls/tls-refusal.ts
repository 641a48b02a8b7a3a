/** X509_verify_cert(3), as Node names what it says of a chain. */
const OF_CERTIFICATES: ReadonlySet<string> = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Of those, whose fault is that nobody whom we know has signed. */
const UNKNOWN_AUTHORITY: ReadonlySet<string> = new Set([
  // One of the same name, by another key.
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** mysql2's. The second it writes over the code of whatever ended a handshake: see mysql/connection/own-code.ts. */
const NO_TLS = 'HANDSHAKE_NO_SSL_SUPPORT';
export const HANDSHAKE_FAILED = 'HANDSHAKE_SSL_ERROR';
/** pg's, which has no code. */
const NO_TLS_MESSAGE = 'The server does not support SSL connections';

/**
 * Why nothing is said to a server: it does not prove that it is who was meant, or does not speak TLS. null: it was something else.
 * That somebody answers there is no proof that the server lives, and none that it is dead.
 */
export function tlsRefusal(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    const said = refusalIn(at);
    if (said !== null) return said;
  }
  return null;
}

function refusalIn(error: Error): string | null {
  const { message } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === NO_TLS || message === NO_TLS_MESSAGE) return 'the server speaks no TLS';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    return `the certificate of the server has another name: ${message}`;
  }
  if (code === 'CERT_HAS_EXPIRED') return 'the certificate of the server, or of its authority, has expired';
  if (code === 'CERT_NOT_YET_VALID') return 'the certificate of the server is not valid yet';
  if (UNKNOWN_AUTHORITY.has(code)) return `the certificate of the server is of no authority that is known: ${message}`;
  if (OF_CERTIFICATES.has(code)) return `the certificate of the server does not hold: ${message}`;
  const ofProtocol = code === HANDSHAKE_FAILED || /^(?:ERR_SSL_|ERR_TLS_|EPROTO$)/.test(code);
  // A server that was killed in the middle of a session.
  return ofProtocol && !code.includes('UNEXPECTED_EOF') ? `TLS with the server fails: ${message}` : null;
}
