import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { defaultLimits, defaultRetention } from '../../collect/collect.ts';
import { openStore, type PostgresStoreFixture } from '../../test-support/open-postgres-store.ts';
import { type PostgresServer, startPostgres } from '../../test-support/postgres-server.ts';
import { COLLECTOR_LOCK } from './collect-steps.ts';

let server: PostgresServer;
let f: PostgresStoreFixture;
beforeAll(async () => {
  server = await startPostgres();
});
beforeEach(async () => {
  f = await openStore(server);
  return () => f.close();
});
afterAll(() => server?.stop());

const run = (retention: Partial<typeof defaultRetention>, batch = 2) =>
  f.collect({ ...defaultLimits, batch, retention: { ...defaultRetention, ...retention } });

test('one collects at a time', async () => {
  const other = await f.pool.connect();
  await other.query('SELECT pg_advisory_lock($1)', [COLLECTOR_LOCK]);
  expect(await run({})).toBe('busy');
  await other.query('SELECT pg_advisory_unlock($1)', [COLLECTOR_LOCK]);
  other.release();
});

test.each([
  ['collect-expunged', 'expunged_at'],
  ['collect-staged', 'started_at'],
  ['collect-operations', 'at'],
  ['collect-tombstones', 'expunged_at'],
])('%s finds what is old enough by the index, and looks at nothing else', async (name, column) => {
  await run({});
  const text = f.statements[f.statementNames.indexOf(name)] ?? expect.fail('the statement is not there');
  // As connections are set for it (connection-settings.ts).
  await f.sql('SET enable_seqscan = off');
  const plan = await f.sql<{ readonly 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${text}`);
  const lines = plan.map((line) => line['QUERY PLAN']).join('\n');
  expect(lines).toMatch(new RegExp(`Index Cond: \\(${column} < `));
});

test('whether an operation is old is seen by an index, whatever has been deleted before', async () => {
  const day = (age: number) => `INSERT INTO mail.operation (id, at, result)
  SELECT gen_random_uuid(), now() - interval '1 day' * (${age} - n / 10000.0::float8), 'null' FROM generate_series(1, 9999) n`;
  for (const age of [8, 6.99, 6, 1]) await f.sql(day(age));
  expect(await run({}, 10_000)).toMatchObject({ operations: 9999 });
  await f.sql('VACUUM ANALYZE mail.operation');
  const text = f.statements[f.statementNames.indexOf('collect-operations')];
  const plan = await f.sql<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${text}`);
  expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('Index Scan using operation_by_age');
});
