import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { openAdmin } from './open-admin.ts';
import type { RunningMember, RunningMembers } from './start-members.ts';

/**
 * Has a replica of MariaDB or MySQL receive and acknowledge what changes a table, and not apply it, until the session that this answers
 * is abandoned. An applier that is stopped would be started by its agent.
 */
export async function holdTable(
  member: RunningMember,
  running: Pick<RunningMembers, 'database' | 'passwords'>,
  table = 't',
): Promise<MysqlConnection> {
  const session = await openAdmin(member, running);
  await session.batch([{ name: 'lock', text: `LOCK TABLES ${table} READ` }]);
  return session;
}
