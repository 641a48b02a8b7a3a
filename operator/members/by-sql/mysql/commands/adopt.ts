import { Impossible } from '#database/impossible.ts';
import { accountStatements, repositoryGrants } from '#database/mysql/bootstrap-sql.ts';
import type { Statement } from '#database/mysql/connection/statement.ts';
import { repositoryEpochDdl } from '#database/mysql/repository-epoch.ts';
import { makeReadOnly } from '#database/mysql/sessions/read-only.ts';
import { positions } from '../../carry-out.ts';
import { requireRole } from '../../require-role.ts';
import type { MysqlHandler } from '../context.ts';
import { applySettings, closeAtStart, WATCHFUL } from '../settings.ts';

/**
 * `initialize` of a server that exists: nothing is made but accounts, the repository's schema where it is missing, and the table of
 * epochs. Its replicas get them by its log.
 */
export const adopt: MysqlHandler<'initialize'> = async (_, context) => {
  const { sessions, database, signal } = context;
  const { facts, unfit } = await requireRole(context, 'primary');
  if (unfit !== null) throw new Impossible(unfit.code, unfit.message);
  const { rolePasswords } = await sessions.credentials(signal);
  const { flavour } = facts;
  const accounts = accountStatements({ flavour, passwords: rolePasswords }).filter(isNeeded);
  await sessions.change(signal, async (pair) => {
    const { watcher } = pair;
    await applySettings(watcher, WATCHFUL[flavour]);
    await closeAtStart(watcher);
    // Somebody else's habit for a primary that is not used yet. Nobody may write to it then, not even the administrator.
    if (flavour === 'mysql' && facts.isReadOnly && !(await makeReadOnly(pair, { writers: 'agent' }))) {
      throw new Error('the server does not let its administrator write');
    }
    await watcher.batch([
      ...accounts,
      { name: 'schema', text: `CREATE DATABASE IF NOT EXISTS \`${database}\`` },
      { name: 'enter', text: `USE \`${database}\`` },
      ...repositoryEpochDdl,
      ...repositoryGrants(database),
    ]);
  });
  return await positions(context);
};

/**
 * Each would take the administrator a right more: the plug-in of MariaDB is there, which was looked at; and nobody has these servers
 * copied.
 */
const isNeeded = ({ name, text }: Statement): boolean => name !== 'plugin' && !text.startsWith('GRANT BACKUP_ADMIN ');
