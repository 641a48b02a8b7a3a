import type { ClientBase } from 'pg';
import type { Engine } from '#database/engine.ts';
import { PostgresStore } from '../../../store/postgres/postgres-store.ts';
import type { Store } from '../../../store/store.ts';
import type { Driver } from '../../driver.ts';
import { postgresDriver } from '../../postgres/postgres-driver.ts';
import type { RepositoryAccess } from '../../repository-access.ts';
import type { TestStatements } from '../statements.ts';
import type { ServerPlace, TestServer } from '../test-server.ts';
import { PostgresServer } from './postgres.ts';
import { postgresStatements } from './postgres-statements.ts';

export type TestEngine<C extends object> = {
  readonly driver: Driver<C>;
  openStore(access: RepositoryAccess<C>): Store;
  readonly statements: TestStatements<C>;
  newServer(place: ServerPlace): TestServer;
};

const postgresql: TestEngine<ClientBase> = {
  driver: postgresDriver,
  openStore: (access) => new PostgresStore(access),
  statements: postgresStatements,
  newServer: (place) => new PostgresServer(place),
};

/** The engines that tests of routing run on. Tests do not know what the connections are: they hand them from one to the other. */
const engines: { readonly [E in Engine]?: TestEngine<object> } = { postgresql };

/** @throws where tests of routing do not run on it */
export function testEngine(engine: Engine): TestEngine<object> {
  const found = engines[engine];
  if (found === undefined) throw new Error(`no tests of routing on ${engine}`);
  return found;
}
