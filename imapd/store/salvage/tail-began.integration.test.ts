import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { startStoreServer } from '../test-support/start-store-server.ts';
import type { StoreFixture } from '../test-support/store-fixture.ts';
import type { TestStoreServer } from '../test-support/test-store-server.ts';

// Promise: where the lost tail began is found in few passes over what an old primary has done, and exactly.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: TestStoreServer;
  let source: StoreFixture;

  beforeAll(async () => {
    server = await startStoreServer(engine);
    source = await server.openStore();
  });
  afterAll(async () => {
    await source?.close();
    await server?.stop();
  });
  beforeEach(() => source.sql('DELETE FROM mail.operation'));

  const BEGIN = Date.UTC(2026, 10, 1);
  /** Microseconds after that, as the engine reads them. */
  const timeAt = (us: number): string => {
    const text = new Date(BEGIN + Math.trunc(us / 1_000)).toISOString().replace('T', ' ').replace('Z', '');
    return `${text}${String(us % 1_000).padStart(3, '0')}${engine === 'postgresql' ? 'Z' : ''}`;
  };
  /** One at each of these times. */
  const addOperations = async (times: readonly number[]): Promise<void> => {
    const AT_ONCE = 10_000;
    for (let i = 0; i < times.length; i += AT_ONCE) {
      const some = times.slice(i, i + AT_ONCE);
      await source.sql(
        `INSERT INTO mail.operation (id, at, result) VALUES ${some.map(() => "(?, ?, 'null')").join(', ')}`,
        some.flatMap((us) => [randomUUID(), timeAt(us)]),
      );
    }
  };
  const since = new Date(Date.UTC(2026, 9, 1));

  test('the beginning of a long tail takes few passes over the operations', async () => {
    await addOperations(Array.from({ length: 60_000 }, (_, n) => n * 1_000));
    const parted = new Date(BEGIN + 1_500);
    const older = 'SELECT id FROM mail.operation WHERE at < ?';
    const before = new Set((await source.sql<{ id: string }>(older, [parted])).map(({ id }) => id));
    expect(before.size).toBe(1_500);
    let passes = 0;
    const knownTo = async (ids: readonly string[]) => {
      passes += 1;
      return before.intersection(new Set(ids));
    };
    expect(await source.tailBegan({ knownTo, since })).toEqual({ began: parted, unclearSince: null });
    expect(passes).toBeLessThanOrEqual(6);
  });

  test('no operation is met twice or left out where a page ends within a millisecond', async () => {
    await addOperations(Array.from({ length: 5_000 }, (_, n) => 300 + Math.trunc(n / 2)));
    const met: string[] = [];
    const knownTo = async (ids: readonly string[]) => {
      met.push(...ids);
      return new Set<string>();
    };
    expect((await source.tailBegan({ knownTo, since })).began).toEqual(new Date(BEGIN));
    expect([met.length, new Set(met).size]).toEqual([5_000, 5_000]);
  });
});
