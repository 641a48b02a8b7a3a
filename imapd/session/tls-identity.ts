import type { SecureContext } from 'node:tls';

/** The server's certificate and key, as they are now: a renewed certificate serves the connections to come. */
export interface TlsIdentity {
  current(): SecureContext;
}
