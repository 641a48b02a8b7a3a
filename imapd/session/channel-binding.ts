import { hash, type X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** RFC 9266, 2. */
const EXPORTER = { octets: 32, label: 'EXPORTER-Channel-Binding', context: Buffer.alloc(0) } as const;

/**
 * Data that both ends of a TLS connection know and nobody in the middle can bring about at both (RFC 5056); null for a type
 * that there is not, on this connection or at all.
 */
export function channelBinding(socket: TLSSocket, type: string): Buffer | null {
  switch (type) {
    case 'tls-exporter':
      // Before TLS 1.3 it would need the extended master secret (RFC 9266, 3), of which Node does not tell.
      return socket.getProtocol() === 'TLSv1.3'
        ? socket.exportKeyingMaterial(EXPORTER.octets, EXPORTER.label, EXPORTER.context)
        : null;
    case 'tls-server-end-point':
      return serverEndPoint(socket.getX509Certificate());
    default:
      return null;
  }
}

/** Is there any type of it on this connection? TLS 1.2 under a certificate that is signed by Ed25519 has none. */
export const canBind = (socket: TLSSocket): boolean =>
  socket.getProtocol() === 'TLSv1.3' || serverEndPoint(socket.getX509Certificate()) !== null;

/** RFC 5929, 4.1: a hash of the certificate. Signatures that name no hash, such as Ed25519, leave this type undefined. */
function serverEndPoint(certificate: X509Certificate | undefined): Buffer | null {
  if (certificate === undefined) return null;
  const algorithm = endPointHash(certificate.signatureAlgorithm ?? '');
  return algorithm === null ? null : hash(algorithm, certificate.raw, 'buffer');
}

/** The hash of a signature, by the name that OpenSSL gives it; SHA-256 in place of the weak ones. null: none. */
export function endPointHash(signature: string): string | null {
  const [, bits] = /SHA-?(224|256|384|512)/i.exec(signature) ?? [];
  if (bits !== undefined) return `sha${bits}`;
  return /MD5|SHA-?1/i.test(signature) ? 'sha256' : null;
}
