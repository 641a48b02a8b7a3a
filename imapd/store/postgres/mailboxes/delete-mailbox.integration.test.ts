import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../test-support/open-postgres-store.ts';
import { type PostgresServer, startPostgres } from '../../test-support/postgres-server.ts';
import { attempt, operation, type StoreFixture } from '../../test-support/store-fixture.ts';

let server: PostgresServer;
let f: StoreFixture;
beforeAll(async () => {
  server = await startPostgres();
  f = await openStore(server);
});
afterAll(async () => {
  await f?.close();
  await server?.stop();
});

test('DELETE finds its mailbox by the index of names, however many the owner has', async () => {
  await f.store.createMailbox({ operation: operation(), owner: 'ada', name: 'planned', specialUse: [] }, attempt);
  f.statements.length = 0;
  f.statementNames.length = 0;
  await f.store.deleteMailbox({ operation: operation(), owner: 'ada', name: 'planned' }, attempt);
  const text = f.statements[f.statementNames.indexOf('mailbox-remove')] ?? expect.fail('the statement is not there');
  // As connections are set for it (connection-settings.ts).
  await f.sql('SET enable_seqscan = off');
  const plan = await f.sql<{ readonly 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${text}`);
  expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toMatch(
    /Index Cond: \(\(owner = \$1\) AND \(name = \$2\)\)/,
  );
});
