import { existsSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { roles } from '#database/roles.ts';
import { type EngineUnderTest, enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { connectTo } from '../mysql-database.ts';
import { PORT } from '../postgres-server.ts';
import { startStoreServer } from '../start-store-server.ts';
import { borrowServer, LENDER_VARIABLE } from './borrow-server.ts';
import { setup } from './lend-servers.ts';

/** Asks in a session that is in the midst of a transaction. */
async function inTransaction(engine: EngineUnderTest, at: string): Promise<(text: string) => Promise<unknown>> {
  if (engine !== 'postgresql') {
    const session = await connectTo({ socketPath: at }, 'same', 'admin');
    const ask = (text: string) => session.batch([{ name: 'test', text }]);
    await ask('START TRANSACTION');
    return ask;
  }
  const session = new pg.Client({ host: at, port: PORT, database: 'same', user: roles.mail });
  // What it hears while nobody asks.
  session.on('error', () => undefined);
  await session.connect();
  await session.query('SET search_path = mail; BEGIN');
  return (text) => session.query(text);
}

// Promise: whoever is lent a server has it alone, and finds nothing of those before him.

describe.each(enginesUnderTest)('%s', (engine) => {
  const ofAll = process.env[LENDER_VARIABLE];
  let end: () => Promise<void>;
  beforeAll(async () => {
    end = await setup();
  });
  afterAll(() => {
    process.env[LENDER_VARIABLE] = ofAll;
  });

  test('two have two; one that was given back is lent again, empty, whoever is still connected to it', async () => {
    const [first, second] = [await startStoreServer(engine), await startStoreServer(engine)];
    expect(first.at).not.toBe(second.at);
    await first.createDatabase('same');
    const before = await first.openDatabase('same', { user: 'ada' });
    await before.close();
    const ask = await inTransaction(engine, first.at);
    await ask('DELETE FROM operation');
    await first.stop();

    const next = await startStoreServer(engine);
    expect(next.at).toBe(first.at);
    await next.createDatabase('same');
    const fixture = await next.openDatabase('same');
    expect(await fixture.store.findAccount('ada', { signal: AbortSignal.timeout(10_000) })).toBeNull();
    await expect(ask('SELECT 1')).rejects.toThrow();
    await fixture.close();
  });

  test('at the end there is none of them', async () => {
    const borrowed = (await borrowServer(engine)) ?? expect.fail('nobody lends');
    await end();
    expect(existsSync(borrowed.at)).toBe(false);
    expect(() => process.kill(borrowed.pid, 0)).toThrow('ESRCH');
  });
});
