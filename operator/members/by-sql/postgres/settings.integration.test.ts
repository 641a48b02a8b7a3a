import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMINISTRATOR, type ExistingServers, startExistingServers } from '../../../test-support/existing-servers.ts';
import { applySettings } from './settings.ts';

/** Promise: a setting that counts as made is what the server obeys, and what it would obey after anybody's reload. */
let servers: ExistingServers;
let admin: Client;

beforeAll(async () => {
  servers = await startExistingServers(['mail']);
  const { username: user, password } = ADMINISTRATOR;
  admin = new Client({ ...servers.server('e0').endpoint, user, password, database: 'postgres' });
  await admin.connect();
}, 60_000);

afterAll(async () => {
  await admin?.end();
  await servers?.stop();
});

const ask = (statement: string) => servers.ask(servers.server('e0'), statement);
const loadedAt = async (): Promise<unknown> => (await ask('SELECT pg_conf_load_time()::text AS at'))[0]?.at;

async function reload(): Promise<void> {
  const before = await loadedAt();
  await ask('SELECT pg_reload_conf()');
  await expect.poll(loadedAt).not.toBe(before);
}

const closed = { default_transaction_read_only: 'on', primary_conninfo: '', primary_slot_name: '' };
const apply = () => applySettings(admin, closed, AbortSignal.timeout(10_000));

test.each([
  ['says otherwise', "ALTER SYSTEM SET default_transaction_read_only = 'off'"],
  ['says it no more', 'ALTER SYSTEM RESET default_transaction_read_only'],
  ['attaches it', "ALTER SYSTEM SET primary_conninfo = 'host=elsewhere'"],
])('a file that %s, written by somebody who ended before the reload', async (_, statement) => {
  await apply();
  await ask(statement);
  await apply();
  await reload();
  expect(await ask('SHOW default_transaction_read_only')).toEqual([{ default_transaction_read_only: 'on' }]);
  expect(await ask('SHOW primary_conninfo')).toEqual([{ primary_conninfo: '' }]);
});

test('what is in force and written is left alone', async () => {
  await apply();
  const before = await loadedAt();
  await apply();
  expect(await loadedAt()).toBe(before);
});
