import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { openAs } from './test-support/connect-as.ts';
import { type RunningRepository, startRepository } from './test-support/start-repository.ts';

/** A primary that is fenced in the middle of writing, with replicas that are there and acknowledge. */
const WRITERS = 8;

describe.each(enginesUnderTest)('%s', (engine) => {
  let running: RunningRepository;

  beforeAll(async () => {
    running = await startRepository({ members: 2, durability: 'Quorum', engine });
  }, 120_000);
  afterAll(() => running?.stop());

  /** Writes until its session is ended; tells what was acknowledged. */
  async function write(first: () => void): Promise<number> {
    const session = await openAs('mail', running.primary, running);
    for (let count = 0; ; count += 1) {
      if (count === 10) first();
      try {
        await session.query('INSERT INTO t VALUES (1)');
      } catch {
        return count;
      }
    }
  }

  test('commits that are about to be acknowledged are let through: it is shut, and goes on running', async () => {
    const { primary } = running;
    const session = await openAs('mail', primary, running);
    await session.query('CREATE TABLE t (id int)');
    await session.end();
    const begun = Array.from({ length: WRITERS }, () => Promise.withResolvers<void>());
    const writers = begun.map(({ resolve }) => write(resolve));
    await Promise.all(begun.map(({ promise }) => promise));
    const { received } = await primary.client.order(1, { kind: 'fence', reason: 'Demoted' });
    expect(received).toBeDefined();
    expect(await primary.client.status()).toMatchObject({ state: 'running', fence: 'Demoted' });
    await Promise.all(writers);
  });
});
