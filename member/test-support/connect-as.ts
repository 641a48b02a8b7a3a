import { Client } from 'pg';
import { roles } from '#database/roles.ts';
import type { RunningMember, RunningMembers } from './start-members.ts';

export type TestRole = 'mail' | 'salvage' | 'replication';

/** A session of one of the roles on a member. @throws what the server says, for example that the role is fenced off */
export async function connectAs(role: TestRole, member: RunningMember, running: RunningMembers): Promise<Client> {
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

/** Runs one statement as `role` and closes the session. */
export async function askAs(
  role: TestRole,
  where: { readonly member: RunningMember; readonly running: RunningMembers },
  statement: string,
): Promise<Record<string, unknown>[]> {
  const client = await connectAs(role, where.member, where.running);
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
