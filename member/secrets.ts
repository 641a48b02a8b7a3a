import { type Static, Type } from 'typebox';

const Password = Type.String({ minLength: 8, pattern: '^[\\x21-\\x7e]+$' });

/** Passwords of the roles in `database/postgres/roles.ts`. Printable ASCII: no normalisation (SASLprep) to differ about. */
export const MemberSecrets = Type.Object(
  { admin: Password, replication: Password, mail: Password, salvage: Password },
  { additionalProperties: false },
);
export type MemberSecrets = Static<typeof MemberSecrets>;
