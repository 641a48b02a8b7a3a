import type { MemberConfiguration } from './configuration.ts';
import type { Engine } from './engine.ts';
import { MysqlEngine } from './mysql/mysql-engine.ts';
import type { Passwords } from './passwords.ts';
import { PostgresEngine } from './postgres/postgres-engine.ts';

/** The engine that a configuration names. */
export function createEngine(configuration: MemberConfiguration, passwords: Passwords): Engine {
  switch (configuration.engine) {
    case 'postgresql':
      return new PostgresEngine(configuration, passwords);
    case 'mariadb':
    case 'mysql':
      return new MysqlEngine(configuration.engine, configuration, passwords);
  }
}
