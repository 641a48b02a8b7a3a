import type { PartitionName } from '#contract/names.ts';
import type { roles } from '#database/roles.ts';
import { orAborted } from '#runtime/or-aborted.ts';
import { settled } from '#runtime/settled.ts';
import { messageOf } from './message-of.ts';

/** Passwords that the operator makes up for the roles that it makes in existing servers. */
export type SqlRolePasswords = Readonly<Record<Exclude<keyof typeof roles, 'admin'>, string>>;

/** With whose name the operator signs in to servers that somebody else runs; `message` says why it cannot. */
export type SqlCredentials =
  | {
      readonly ok: true;
      readonly username: string;
      readonly password: string;
      readonly rolePasswords: SqlRolePasswords;
    }
  | { readonly ok: false; readonly message: string };

/** Asked again before each use: a Secret may be mended at any time. Never rejects for something that a person can mend. */
export type ReadSqlCredentials = (partition: PartitionName) => Promise<SqlCredentials>;

/** Why nobody can sign in: thrown where a session was to be opened, and told as it is. */
export class CredentialsProblem extends Error {
  override readonly name = 'CredentialsProblem';
  readonly code = 'CredentialsMissing';
}

export type SignedCredentials = Extract<SqlCredentials, { ok: true }>;

/**
 * Whoever keeps the credentials may be away or slow. That is no word of the server's, so that it must not pass for one.
 *
 * @throws CredentialsProblem where nobody can sign in, or nobody says in time with what
 */
export async function readCredentials(
  read: () => Promise<SqlCredentials>,
  signal: AbortSignal,
): Promise<SignedCredentials> {
  const reading = read();
  // One that nobody listens to any more is not to end the process.
  void settled(reading);
  const credentials = await orAborted(reading, signal).catch((cause: unknown) => {
    throw new CredentialsProblem(`the credentials cannot be read: ${messageOf(cause)}`, { cause });
  });
  if (!credentials.ok) throw new CredentialsProblem(credentials.message);
  return credentials;
}
