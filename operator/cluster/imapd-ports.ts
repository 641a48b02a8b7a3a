import { HEALTH_PORT } from '../objects/probes.ts';

export type NamedPort = { readonly name: string; readonly port: number };

/** Where imapd listens in its pod: above 1024, so that it needs no capability. */
export const IMAPD_PORT = {
  imap: { name: 'imap', port: 1143 },
  imaps: { name: 'imaps', port: 1993 },
  /** Health, metrics, pushes of the operator, hints of other pods. */
  admin: { name: HEALTH_PORT, port: 8080 },
} as const satisfies Record<string, NamedPort>;

/** Ports by which clients know IMAP (RFC 9051, section 11.1; RFC 8314). */
export const WELL_KNOWN_PORT = { imap: 143, imaps: 993 } as const;
