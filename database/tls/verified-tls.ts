import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { DatabaseTls } from '#contract/database-tls.ts';

/** The name that a server's certificate must have. */
export const nameToShow = ({ serverName }: DatabaseTls, host: string): string => serverName ?? host;

/** For `tls.connect`: nothing is said to a server whose certificate is not of that authority, for that name and in force. */
export function verifiedTls(tls: DatabaseTls, host: string): ConnectionOptions {
  const name = nameToShow(tls, host);
  return {
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    // RFC 6066, 3: a server is not told an address.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    // Whatever the driver takes for the name.
    checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(name, certificate),
  };
}
