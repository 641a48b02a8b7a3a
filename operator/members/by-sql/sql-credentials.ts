import type { PartitionName } from '#contract/names.ts';
import type { roles } from '#database/roles.ts';

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
