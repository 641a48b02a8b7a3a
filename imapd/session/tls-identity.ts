import type { SecureContext } from 'node:tls';
import type { CertificateField } from './client-certificate.ts';

/** The server's certificate and key, as they are now: a renewed certificate serves the connections to come. */
export interface TlsIdentity {
  current(): SecureContext;
  /** Which field of a client's certificate names the user; null: clients are not asked for one. */
  readonly clientField: CertificateField | null;
}
