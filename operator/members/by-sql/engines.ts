import type { Engine } from '#database/engine.ts';
import type { OpenServers } from './engine-server.ts';
import { openMysqlServers } from './mysql/mysql-server.ts';
import { openPostgresServers } from './postgres/postgres-server.ts';

/** How servers of each engine are spoken to. */
export const engines: Readonly<Record<Engine, OpenServers>> = {
  postgresql: openPostgresServers,
  mariadb: openMysqlServers,
  mysql: openMysqlServers,
};
