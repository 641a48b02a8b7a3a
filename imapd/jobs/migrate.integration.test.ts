import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { roles } from '#database/roles.ts';
import { PATIENCE } from '../store/apply-patiently.ts';
import { migrations } from '../store/postgres/migrations/all.ts';
import { migrate } from '../store/postgres/migrations/migrate.ts';
import { type PostgresServer, startPostgres } from '../store/test-support/postgres-server.ts';
import { endpointOf, runProgram } from './test-support/run-program.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await server.createDatabase('imap', { bare: true });
});
afterAll(() => server?.stop());

const job = (name: string, epoch = 1) => {
  const writer = { member: 'a0', endpoint: endpointOf(server) };
  return runProgram(name, { database: 'imap', epoch, writer });
};
const sql = async (text: string): Promise<pg.QueryResult> => {
  const client = new pg.Client({ ...endpointOf(server), database: 'imap', user: roles.admin });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
};

test('several at once bring an empty database up to date once', async () => {
  const ended = await Promise.all([job('migrate'), job('migrate'), job('migrate')]);
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
  const applied = ended.flatMap(({ last }) => (last as { applied: string[] }).applied);
  expect(applied).toEqual(migrations.map(({ name }) => name));
  expect(await job('verify')).toMatchObject({ code: 0, last: { differences: 0 } });
});

test('another epoch is refused', async () => {
  expect(await job('migrate', 2)).toMatchObject({ code: 1, last: 'a0 is at epoch 1, not 2' });
});

test('its last line is in the file for its result too, whether it went well or not', async () => {
  const [well, badly] = await Promise.all([job('migrate'), job('migrate', 2)]);
  expect(well.kept).toBe(well.lines.at(-1));
  expect(badly).toMatchObject({ code: 1, kept: 'a0 is at epoch 1, not 2' });
});

test('verify prints what it finds and fails', async () => {
  await sql(`INSERT INTO mail.mailbox (id, owner, name, uid_validity, epoch, messages)
    VALUES (gen_random_uuid(), 'eve', 'INBOX', 5, 1, 7)`);
  const { code, lines, last } = await job('verify');
  expect({ code, last }).toEqual({ code: 1, last: { differences: 1 } });
  expect(lines.join('\n')).toContain('eve INBOX messages');
});

test('it waits for writers in short turns, says who is in the way, and stops no sign-in', async () => {
  await server.createDatabase('busy', { bare: true });
  const [client, writer, reader] = [0, 1, 2].map(
    () => new pg.Client({ ...endpointOf(server), database: 'busy', user: roles.mail }),
  ) as [pg.Client, pg.Client, pg.Client];
  await Promise.all([client.connect(), writer.connect(), reader.connect()]);
  try {
    await migrate(client, migrations.slice(0, 3));
    await writer.query('BEGIN; LOCK TABLE mail.mailbox IN ROW EXCLUSIVE MODE');
    const impatient = migrate(client, migrations, { ...PATIENCE, lockMs: 50, tries: 2, pauseMs: 1 });
    await expect(impatient).rejects.toThrow(/migration 4 \(quota\) failed: .*held through 2 tries.*pg_stat_activity/);
    const patient = migrate(client, migrations, { ...PATIENCE, lockMs: 60_000, tries: 1, pauseMs: 1 });
    const waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = 'busy'";
    await expect.poll(async () => (await sql(waiting)).rowCount, { timeout: 10_000 }).toBe(1);
    await reader.query("SET lock_timeout = '1s'");
    expect((await reader.query('SELECT name FROM mail.account')).rows).toEqual([]);
    await writer.query('COMMIT');
    expect(await patient).toMatchObject({
      version: migrations.length,
      applied: migrations.slice(3).map(({ name }) => name),
    });
  } finally {
    await Promise.all([client.end(), writer.end(), reader.end()]);
  }
});

test('whoever never comes to an end is waited for, and then given up', async () => {
  const [holder, client] = [0, 1].map(
    () => new pg.Client({ ...endpointOf(server), database: 'imap', user: roles.mail }),
  ) as [pg.Client, pg.Client];
  await Promise.all([holder.connect(), client.connect()]);
  try {
    await holder.query('SELECT pg_advisory_lock(1768776048)');
    await expect(migrate(client, migrations, { ...PATIENCE, turnMs: 100 })).rejects.toThrow(/another session migrates/);
    await holder.query('SELECT pg_advisory_unlock_all()');
    expect(await migrate(client)).toMatchObject({ applied: [] });
    expect((await client.query('SHOW lock_timeout')).rows).toEqual([{ lock_timeout: '0' }]);
  } finally {
    await Promise.all([holder.end(), client.end()]);
  }
});

test('a newer schema is left alone', async () => {
  await sql(`INSERT INTO mail.schema_version (version, name) VALUES (999, 'of the future')`);
  const { code, last } = await job('migrate');
  expect(code).toBe(1);
  expect(last).toContain('the schema has version 999');
});
