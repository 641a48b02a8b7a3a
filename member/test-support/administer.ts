import { dirname, join } from 'node:path';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { roles } from '#database/roles.ts';
import { poll } from '#runtime/poll.ts';
import type { RunningMember, RunningMembers } from './start-members.ts';

/**
 * Runs statements on a member of MariaDB or MySQL as whoever runs the machine: what no agent would do.
 * @returns the first row of the last one
 */
export async function administer(
  member: RunningMember,
  running: RunningMembers,
  ...statements: readonly string[]
): Promise<Record<string, unknown>> {
  const socketPath = join(dirname(member.dataDirectory), 'socket', `server.${member.endpoint.port}.sock`);
  const options = { endpoint: { socketPath }, user: roles.admin, password: running.passwords.admin };
  const session = await openConnection({ ...options, role: 'admin' });
  try {
    const answers = await session.batch(statements.map((text) => ({ name: 'test', text })));
    return answers.at(-1)?.rows[0] ?? {};
  } finally {
    await session.end();
  }
}

/** From then on nobody can be sent all there is any more, nor what comes next to who was away. */
export async function throwLogAway(member: RunningMember, running: RunningMembers): Promise<void> {
  const status = running.engine === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS';
  const { File: last } = await administer(member, running, 'FLUSH BINARY LOGS', status);
  // What is being read, or is not yet of no use after a crash, stays for a moment.
  await poll(50, AbortSignal.timeout(20_000), async () => {
    const purge = `PURGE BINARY LOGS TO '${String(last)}'`;
    const { Log_name: first } = await administer(member, running, purge, 'SHOW BINARY LOGS');
    return first === last ? true : null;
  });
}
