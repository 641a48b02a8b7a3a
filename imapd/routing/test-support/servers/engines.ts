import type { ClientBase } from 'pg';
import type { Engine } from '#database/engine.ts';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import type { Flavour } from '#database/mysql/flavour.ts';
import { packagedServers } from '#database/programs/catalogue.ts';
import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import { MysqlStore } from '../../../store/mysql/mysql-store.ts';
import { PostgresStore } from '../../../store/postgres/postgres-store.ts';
import type { Store } from '../../../store/store.ts';
import type { Driver } from '../../driver.ts';
import { MysqlDriver } from '../../mysql/mysql-driver.ts';
import { postgresDriver } from '../../postgres/postgres-driver.ts';
import type { RepositoryAccess } from '../../repository-access.ts';
import type { TestStatements } from '../statements.ts';
import type { ServerPlace, TestServer } from '../test-server.ts';
import { MysqlTestServer } from './mysql.ts';
import { mysqlStatements } from './mysql-statements.ts';
import { PostgresServer } from './postgres.ts';
import { postgresStatements } from './postgres-statements.ts';

export type TestEngine<C extends object> = {
  readonly driver: Driver<C>;
  openStore(access: RepositoryAccess<C>): Store;
  readonly statements: TestStatements<C>;
};

const postgresql: TestEngine<ClientBase> = {
  driver: postgresDriver,
  openStore: (access) => new PostgresStore(access),
  statements: postgresStatements,
};

const ofMysql = (flavour: Flavour): TestEngine<MysqlConnection> => ({
  driver: new MysqlDriver(flavour),
  openStore: (access) => new MysqlStore(access),
  statements: mysqlStatements,
});

/** The engines that tests of routing run on. Tests do not know what the connections are: they hand them from one to the other. */
const engines: Readonly<Record<Engine, TestEngine<object>>> = {
  postgresql,
  mariadb: ofMysql('mariadb'),
  mysql: ofMysql('mysql'),
};

export const testEngine = (engine: Engine): TestEngine<object> => engines[engine];

export const engineOf = (under: EngineUnderTest): Engine =>
  under === 'postgresql' ? under : packagedServers[under].kind;

export const newServer = (under: EngineUnderTest, place: ServerPlace): TestServer =>
  under === 'postgresql' ? new PostgresServer(place) : new MysqlTestServer(place, under);
