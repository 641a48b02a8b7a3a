import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore, type PostgresStoreFixture } from '../../test-support/open-postgres-store.ts';
import { type PostgresServer, startPostgres } from '../../test-support/postgres-server.ts';
import { tailBegan } from './tail-began.ts';

let server: PostgresServer;
let source: PostgresStoreFixture;

beforeAll(async () => {
  server = await startPostgres();
  source = await openStore(server);
});
afterAll(async () => {
  await source?.close();
  await server?.stop();
});

test('the beginning of a long tail takes few passes over the operations', async () => {
  await source.sql(`INSERT INTO mail.operation (id, at, result)
    SELECT gen_random_uuid(), timestamptz '2026-11-01T00:00:00Z' + n * interval '1 ms', 'null'
    FROM generate_series(0, 59999) n`);
  await source.sql("DELETE FROM mail.operation WHERE at > '2026-11-02'");
  const parted = new Date('2026-11-01T00:00:01.500Z');
  const older = 'SELECT id FROM mail.operation WHERE at < $1';
  const before = new Set((await source.sql<{ id: string }>(older, [parted])).map(({ id }) => id));
  let passes = 0;
  const knownTo = async (ids: readonly string[]) => {
    passes += 1;
    return before.intersection(new Set(ids));
  };
  const since = new Date('2026-10-01T00:00:00Z');
  expect(await tailBegan(source.pool, { knownTo, since })).toEqual({ began: parted, unclearSince: null });
  expect(passes).toBeLessThanOrEqual(6);
});

test('no operation is met twice or left out where a page ends within a millisecond', async () => {
  await source.sql('TRUNCATE mail.operation');
  await source.sql(`INSERT INTO mail.operation (id, at, result)
    SELECT gen_random_uuid(), timestamptz '2026-11-01T00:00:00.0003Z' + n / 2 * interval '1 us', 'null'
    FROM generate_series(0, 4999) n`);
  const met: string[] = [];
  const knownTo = async (ids: readonly string[]) => {
    met.push(...ids);
    return new Set<string>();
  };
  const since = new Date('2026-10-01T00:00:00Z');
  expect((await tailBegan(source.pool, { knownTo, since })).began).toEqual(new Date('2026-11-01T00:00:00Z'));
  expect([met.length, new Set(met).size]).toEqual([5000, 5000]);
});
