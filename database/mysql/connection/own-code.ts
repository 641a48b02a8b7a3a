import { getSystemErrorName } from 'node:util';
import { HANDSHAKE_FAILED } from '../../tls/tls-refusal.ts';

/** What OpenSSL says of certificates (X509_verify_cert_error_string(3)), and what Node calls that. */
const codeOf: Readonly<Record<string, string>> = {
  'certificate has expired': 'CERT_HAS_EXPIRED',
  'certificate is not yet valid': 'CERT_NOT_YET_VALID',
  'certificate signature failure': 'CERT_SIGNATURE_FAILURE',
  'self-signed certificate': 'DEPTH_ZERO_SELF_SIGNED_CERT',
  'self-signed certificate in certificate chain': 'SELF_SIGNED_CERT_IN_CHAIN',
  'unable to get local issuer certificate': 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'unable to verify the first certificate': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  // Node's own, and no word of a certificate: the other side hung up.
  'Client network socket disconnected before secure TLS connection was established': 'ECONNRESET',
};

/**
 * The driver writes its own code over that of what ended a handshake. A server that was killed in the middle of one must not pass
 * for one that shows a wrong certificate: the one is dead, of the other nobody knows.
 */
export function withOwnCode(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error.code !== HANDSHAKE_FAILED) return error;
  if ('errno' in error && typeof error.errno === 'number') error.code = getSystemErrorName(error.errno);
  else if ('cert' in error) error.code = 'ERR_TLS_CERT_ALTNAME_INVALID';
  else error.code = codeOf[error.message] ?? HANDSHAKE_FAILED;
  return error;
}
