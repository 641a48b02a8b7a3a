import type { PasswordHasher } from './password-hasher.ts';
import type { ScramKeyMaker } from './scram/scram-key-maker.ts';

/** What is stored of a password. */
export type AccountSecrets = {
  /** PHC string of argon2id. */
  readonly passwordHash: string;
  /** For SCRAM-SHA-256; null: not offered, or not possible with this password. */
  readonly scramKeys: string | null;
};

/** Makes them of the password of a user (canonical name). */
export type MakeAccountSecrets = (user: string, password: string) => Promise<AccountSecrets>;

/** `maker` null: SCRAM is switched off, and what is not needed is not kept: argon2id resists guessing far better. */
export const makeAccountSecrets =
  ({ hasher, maker }: { readonly hasher: PasswordHasher; readonly maker: ScramKeyMaker | null }): MakeAccountSecrets =>
  async (user, password) => {
    const [passwordHash, scramKeys] = await Promise.all([hasher.hash(password), maker?.make(user, password) ?? null]);
    return { passwordHash, scramKeys };
  };
