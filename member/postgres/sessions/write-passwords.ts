import { randomBytes } from 'node:crypto';
import { SALT_BYTES, scramVerifier } from '#database/postgres/scram-verifier.ts';
import { beginDurably, commitDurably, type DurableWrite } from '#database/postgres/sessions/durable-write.ts';
import { type RoleName, roles } from '#database/roles.ts';
import type { Passwords } from '../../passwords.ts';
import { isVerifierOf } from '../settings/is-verifier-of.ts';

/**
 * Replaces the passwords that have been replaced in the file, all at once. Only where the database still has one of those
 * that went before: an agent whose file has not been renewed yet must not bring back an old password.
 * @returns the roles that have another password now
 */
export async function writePasswords(write: DurableWrite, passwords: Passwords): Promise<readonly RoleName[]> {
  const { admin } = write;
  const stored = await admin.query<{ rolname: string; rolpassword: string | null }>(
    'SELECT rolname, rolpassword FROM pg_authid WHERE rolname = ANY ($1)',
    [Object.values(roles)],
  );
  const outdated = (Object.keys(roles) as (keyof typeof roles)[]).filter((role) => {
    const verifier = stored.rows.find(({ rolname }) => rolname === roles[role])?.rolpassword ?? null;
    if (isVerifierOf(passwords.current[role], verifier)) return false;
    return passwords.former(role).some((password) => isVerifierOf(password, verifier));
  });
  if (outdated.length === 0) return [];
  await beginDurably(admin);
  for (const role of outdated) {
    const verifier = scramVerifier(passwords.current[role], randomBytes(SALT_BYTES));
    await admin.query(`ALTER ROLE ${roles[role]} PASSWORD '${verifier}'`);
  }
  await commitDurably(write);
  return outdated.map((role) => roles[role]);
}
