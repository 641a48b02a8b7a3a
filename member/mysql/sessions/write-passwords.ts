import { accountStatements } from '#database/mysql/bootstrap-sql.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { ServerError } from '#database/mysql/connection/server-error.ts';
import { errorCodes } from '#database/mysql/error-codes.ts';
import { changeAccounts } from '#database/mysql/sessions/change-accounts.ts';
import { type DurableWrite, writeBarrier } from '#database/mysql/sessions/durable-write.ts';
import { type RoleName, roles } from '#database/roles.ts';
import type { Passwords } from '../../passwords.ts';
import { adminAnywhere, adminHere, signInOfAdmin } from '../settings/accounts-file.ts';

type Role = keyof typeof roles;

export type PasswordOptions = { readonly passwords: Passwords; readonly socketPath: string };

/**
 * Replaces the passwords that have been replaced in the file. Only where the server still takes one of those that went
 * before: an agent whose file has not been renewed yet must not bring back an old password. The agent's own is each member's.
 * @returns the roles that have another password now
 */
export async function writePasswords(write: DurableWrite, options: PasswordOptions): Promise<readonly RoleName[]> {
  const outdated: Role[] = [];
  for (const role of Object.keys(roles) as Role[]) {
    if (await isOutdated(role, options)) outdated.push(role);
  }
  const { connection, signal } = write;
  const { passwords } = options;
  if (outdated.includes('admin')) await writeAdminPassword(write, passwords);
  const changed = outdated.filter((role) => role !== 'admin');
  if (changed.length > 0) {
    const names = new Set(changed.map((role) => `password-${roles[role]}`));
    const all = accountStatements({ flavour: connection.flavour, passwords: passwords.current });
    await connection.batch(all.filter(({ name }) => names.has(name)));
    signal.throwIfAborted();
    await writeBarrier(write);
  }
  return outdated.map((role) => roles[role]);
}

/** On this member alone. */
export async function renewAdminPassword(
  { connection }: Pick<DurableWrite, 'connection'>,
  options: PasswordOptions,
): Promise<void> {
  if (await isOutdated('admin', options)) await writeAdminPassword({ connection }, options.passwords);
}

async function writeAdminPassword(
  { connection }: Pick<DurableWrite, 'connection'>,
  { current }: Passwords,
): Promise<void> {
  const signIn = signInOfAdmin(connection.flavour, current.admin);
  await changeAccounts(
    connection,
    [adminHere, adminAnywhere].map((account) => ({ name: 'admin-password', text: `ALTER USER ${account} ${signIn}` })),
  );
}

/** Tried out: what MySQL stores of a password has a salt and thousands of rounds. */
async function isOutdated(role: Role, { passwords, socketPath }: PasswordOptions): Promise<boolean> {
  const takes = async (password: string): Promise<boolean> => {
    try {
      const session = await openConnection({ endpoint: { socketPath }, user: roles[role], password, role: 'monitor' });
      await session.end();
      return true;
    } catch (error) {
      if (error instanceof ServerError && error.errno === errorCodes.passwordRefused) return false;
      throw error;
    }
  };
  if (await takes(passwords.current[role])) return false;
  for (const former of passwords.former(role)) if (await takes(former)) return true;
  return false;
}
