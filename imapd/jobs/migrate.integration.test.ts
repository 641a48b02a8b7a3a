import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { roles } from '#database/postgres/roles.ts';
import { migrations } from '../store/postgres/migrations/all.ts';
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

test('a newer schema is left alone', async () => {
  await sql(`INSERT INTO mail.schema_version (version, name) VALUES (999, 'of the future')`);
  const { code, last } = await job('migrate');
  expect(code).toBe(1);
  expect(last).toContain('the schema has version 999');
});
