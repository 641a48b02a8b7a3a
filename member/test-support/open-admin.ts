import { dirname, join } from 'node:path';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { roles } from '#database/roles.ts';
import type { RunningMember, RunningMembers } from './start-members.ts';

/** A session of the agent's account on a member of MariaDB or MySQL, in the repository's schema. */
export async function openAdmin(
  { dataDirectory, endpoint }: RunningMember,
  { database, passwords }: Pick<RunningMembers, 'database' | 'passwords'>,
): Promise<MysqlConnection> {
  const socketPath = join(dirname(dataDirectory), 'socket', `server.${endpoint.port}.sock`);
  const account = { user: roles.admin, password: passwords.admin };
  const session = await openConnection({ endpoint: { socketPath }, ...account, role: 'admin' });
  await session.batch([{ name: 'use', text: `USE ${database}` }]);
  return session;
}
