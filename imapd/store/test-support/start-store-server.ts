import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import { openDatabase, openStore } from './open-postgres-store.ts';
import { startPostgres } from './postgres-server.ts';
import type { StoreFixture } from './store-fixture.ts';
import type { TestStoreServer } from './test-store-server.ts';

/** A database of a server that another process has started. */
export function connectStore(engine: EngineUnderTest, at: string, database: string): Promise<StoreFixture> {
  if (engine !== 'postgresql') throw new Error(`there is no store for ${engine} yet`);
  return openDatabase({ host: at, port: POSTGRES_PORT }, database);
}

const POSTGRES_PORT = 5432;

/** Starts a server of this engine. `settings` are its own. */
export async function startStoreServer(
  engine: EngineUnderTest,
  settings: readonly string[] = [],
): Promise<TestStoreServer> {
  if (engine !== 'postgresql') throw new Error(`there is no store for ${engine} yet`);
  const server = await startPostgres(settings);
  return {
    engine,
    at: server.host,
    createDatabase: (name, options) => server.createDatabase(name, options),
    copyDatabase: (from, to) => server.copyDatabase(from, to),
    openStore: (options) => openStore(server, options),
    openDatabase: (name, options) => openDatabase(server, name, options),
    stop: () => server.stop(),
  };
}
