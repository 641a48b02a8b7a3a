import { Client } from 'pg';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { isPasswordRefused } from '#database/mysql/password-refused.ts';
import { roles } from '#database/roles.ts';
import type { RunningMember, RunningMembers } from './start-members.ts';

export type TestRole = 'mail' | 'salvage' | 'replication';

/** A session of one of the roles on a member. @throws what the server says, for example that the role is fenced off */
export async function connectAs(role: TestRole, member: RunningMember, running: Access): Promise<Client> {
  const client = new Client({
    ...member.endpoint,
    user: roles[role],
    password: running.passwords[role],
    database: running.database,
    application_name: 'test',
    connectionTimeoutMillis: 5000,
  });
  // Ended by a fence or a dead server: what runs on it fails, which is what tests look at.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** What all engines' sessions have in common. */
export type TestSession = {
  readonly query: (statement: string) => Promise<{ readonly rows: Record<string, unknown>[] }>;
  readonly end: () => Promise<void>;
};

/** What a session needs to know of the members. */
type Access = Pick<RunningMembers, 'engine' | 'database' | 'passwords'>;

/** The same on a member of any engine. Numbers come as numbers where the statement casts them to no other type. */
export async function openAs(role: TestRole, member: RunningMember, running: Access): Promise<TestSession> {
  if (running.engine === 'postgresql') return await connectAs(role, member, running);
  const session = await openConnection({
    endpoint: member.endpoint,
    user: roles[role],
    password: running.passwords[role],
    database: running.database,
    role: 'admin',
    timeoutMs: 5000,
  });
  return {
    query: async (text) => {
      const [answer] = await session.batch([{ name: 'test', text }]);
      return { rows: [...(answer?.rows ?? [])] };
    },
    end: () => session.end(),
  };
}

/** Runs one statement as `role` and closes the session. */
export async function askAs(
  role: TestRole,
  where: { readonly member: RunningMember; readonly running: RunningMembers },
  statement: string,
): Promise<Record<string, unknown>[]> {
  const session = await openAs(role, where.member, where.running);
  try {
    return (await session.query(statement)).rows;
  } finally {
    await session.end();
  }
}

/** Whether a role gets in by this password. @throws whatever else it is refused for */
export async function signsIn(
  role: TestRole,
  where: { readonly member: RunningMember; readonly running: RunningMembers },
  password: string,
): Promise<boolean> {
  const { engine, database, passwords } = where.running;
  try {
    const session = await openAs(role, where.member, {
      engine,
      database,
      passwords: { ...passwords, [role]: password },
    });
    await session.end();
    return true;
  } catch (error) {
    if (isPasswordRefused(error) || (error as { code?: unknown }).code === '28P01') return false;
    throw error;
  }
}
