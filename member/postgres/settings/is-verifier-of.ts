import { scramVerifier } from '#database/postgres/scram-verifier.ts';

/** Whether what PostgreSQL has stored for a role was made from this password, in the way of `scramVerifier`. */
export function isVerifierOf(password: string, stored: string | null): boolean {
  const salt = /^SCRAM-SHA-256\$\d+:([A-Za-z0-9+/=]+)\$/.exec(stored ?? '')?.[1];
  return salt !== undefined && scramVerifier(password, Buffer.from(salt, 'base64')) === stored;
}
