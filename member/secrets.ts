import { type Static, Type } from 'typebox';

const Password = Type.String({ minLength: 8, pattern: '^[\\x21-\\x7e]+$' });
const passwords = { admin: Password, replication: Password, mail: Password, salvage: Password };
const closed = { additionalProperties: false };

/**
 * Passwords of the roles in `database/roles.ts`. Printable ASCII: no normalisation (SASLprep) to differ about.
 * While they are replaced, files and database do not change at the same moment: `next` is told to every agent before, and
 * `previous` after the database was given what the file has; both count for signing in.
 */
export const MemberSecrets = Type.Object(
  {
    ...passwords,
    previous: Type.Optional(Type.Object(passwords, closed)),
    next: Type.Optional(Type.Object(passwords, closed)),
  },
  closed,
);
export type MemberSecrets = Static<typeof MemberSecrets>;
export type RolePasswords = Omit<MemberSecrets, 'previous' | 'next'>;
