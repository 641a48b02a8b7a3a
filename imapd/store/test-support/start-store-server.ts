import { startMysql } from '#database/mysql/test-support/mysql-server.ts';
import type { ServerName } from '#database/programs/catalogue.ts';
import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import { borrowServer } from './lent-servers/borrow-server.ts';
import { copyDatabase, createDatabase } from './mysql-database.ts';
import * as mysql from './open-mysql-store.ts';
import { openDatabase, openStore } from './open-postgres-store.ts';
import { startPostgres } from './postgres-server.ts';
import { newDatabaseName, type StoreFixture } from './store-fixture.ts';
import type { TestStoreServer } from './test-store-server.ts';

/** A database of a server that another process has started. */
export function connectStore(engine: EngineUnderTest, at: string, database: string): Promise<StoreFixture> {
  if (engine === 'postgresql') return openDatabase({ host: at, port: POSTGRES_PORT }, database);
  return mysql.openDatabase({ socketPath: at }, database);
}

const POSTGRES_PORT = 5432;

/** A server of this engine, lent where there is one; with `settings`, which are its engine's, one of its own. */
export function startStoreServer(engine: EngineUnderTest, settings: readonly string[] = []): Promise<TestStoreServer> {
  return engine === 'postgresql' ? startPostgresStores(settings) : startMysqlStores(engine, settings);
}

async function startPostgresStores(settings: readonly string[]): Promise<TestStoreServer> {
  const server = await startPostgres(settings);
  return {
    engine: 'postgresql',
    at: server.host,
    createDatabase: (name, options) => server.createDatabase(name, options),
    copyDatabase: (from, to) => server.copyDatabase(from, to),
    openStore: (options) => openStore(server, options),
    openDatabase: (name, options) => openDatabase(server, name, options),
    stop: () => server.stop(),
  };
}

async function startMysqlStores(engine: ServerName, settings: readonly string[]): Promise<TestStoreServer> {
  const lent = settings.length === 0 ? await borrowServer(engine) : null;
  const server =
    lent === null ? await startMysql(engine, settings) : { socketPath: lent.at, stop: async () => lent.giveBack() };
  return {
    engine,
    at: server.socketPath,
    createDatabase: (name, options) => createDatabase(server, name, options),
    copyDatabase: (from, to) => copyDatabase(server, from, to),
    async openStore(options) {
      const database = newDatabaseName();
      await createDatabase(server, database);
      return await mysql.openDatabase(server, database, { ...options, user: 'ada' });
    },
    openDatabase: (name, options) => mysql.openDatabase(server, name, options),
    stop: () => server.stop(),
  };
}
