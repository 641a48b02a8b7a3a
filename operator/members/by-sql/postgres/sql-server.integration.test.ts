import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMINISTRATOR, type ExistingServers, startExistingServers } from '../../../test-support/existing-servers.ts';
import { SqlServer } from './sql-server.ts';

/** Promise: on a server that somebody else runs no session of ours stays that nobody needs. */
let servers: ExistingServers;

beforeAll(async () => {
  servers = await startExistingServers(['mail']);
}, 60_000);

afterAll(async () => {
  await servers?.stop();
});

const rolePasswords = { replication: 'replication', mail: 'mail', salvage: 'salvage' };
const limit = () => AbortSignal.timeout(10_000);

function serverOf(): SqlServer {
  const { name: member, endpoint } = servers.server('e0');
  const credentials = async () => ({ ok: true, ...ADMINISTRATOR, rolePasswords }) as const;
  return new SqlServer({ member, endpoint, database: 'postgres', credentials });
}

const sessions = async (): Promise<readonly unknown[]> => {
  const ours = "SELECT pid FROM pg_stat_activity WHERE application_name IN ('e0-operator', 'imapcluster-settings')";
  return await servers.ask(servers.server('e0'), ours);
};

/** Sessions of both kinds in use while `between` happens. */
async function inUse(server: SqlServer, between: () => void): Promise<void> {
  await server.configure({ default_transaction_read_only: 'off' }, limit());
  await server.use(limit(), async (admin) => {
    between();
    await admin.query('SELECT 1');
  });
}

test('what is in use stays for the next use', async () => {
  const server = serverOf();
  await inUse(server, () => undefined);
  expect(await sessions()).toHaveLength(2);
  server.close();
  await expect.poll(sessions).toHaveLength(0);
});

test('what was in use when all was dropped is dropped once it is not', async () => {
  const server = serverOf();
  await inUse(server, () => server.drop());
  await expect.poll(sessions).toHaveLength(0);
  await server.use(limit(), async (admin) => await admin.query('SELECT 1'));
  server.close();
  await expect.poll(sessions).toHaveLength(0);
});

test('a server that is closed is used no more', async () => {
  const server = serverOf();
  await inUse(server, () => server.close());
  await expect(server.use(limit(), async () => undefined)).rejects.toThrow('not ours to use');
  await expect(server.configure({}, limit())).rejects.toThrow('not ours to use');
  await expect(server.inDatabase('postgres', limit(), async () => undefined)).rejects.toThrow('not ours to use');
  await expect.poll(sessions).toHaveLength(0);
});
