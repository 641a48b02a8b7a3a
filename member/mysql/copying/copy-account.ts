import { randomBytes } from 'node:crypto';
import { nativeVerifier } from '#database/mysql/bootstrap-sql.ts';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { changeAccounts } from '#database/mysql/sessions/change-accounts.ts';
import { killSession } from '#database/mysql/sessions/kill-session.ts';
import { listSessions } from '#database/mysql/sessions/list-sessions.ts';

export const COPY_USER = 'imapcluster_copy';
const ACCOUNT = `'${COPY_USER}'@'localhost'`;

/** To hold back, for moments, what would change while it is copied; and to read where the log is. */
const RIGHTS = 'RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR, SLAVE MONITOR';

/**
 * An account for one copy, over the local socket: MariaDB's own programs cannot sign in as the agent does, whose account is of
 * `ed25519` (the client's half is elsewhere). In no log. @returns its password
 */
export async function makeCopyAccount(admin: MysqlConnection): Promise<string> {
  const password = randomBytes(24).toString('hex');
  await changeAccounts(admin, [
    { name: 'copy-account-before', text: dropCopyAccount },
    {
      name: 'copy-account',
      text: `CREATE USER ${ACCOUNT} IDENTIFIED VIA mysql_native_password USING '${nativeVerifier(password)}'`,
    },
    { name: 'copy-grant', text: `GRANT ${RIGHTS} ON *.* TO ${ACCOUNT}` },
  ]);
  return password;
}

/** Of what was left behind too: by an agent that was killed, and in the copy itself. */
export const dropCopyAccount = `DROP USER IF EXISTS ${ACCOUNT}`;

export const removeCopyAccount = (admin: MysqlConnection): Promise<void> =>
  changeAccounts(admin, [{ name: 'copy-account-after', text: dropCopyAccount }]);

export async function endCopySessions(admin: MysqlConnection): Promise<void> {
  const found = (await listSessions(admin)).filter(({ user }) => user === COPY_USER);
  for (const { id } of found) await killSession(admin, id);
}
