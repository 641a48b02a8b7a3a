import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ExistingMysqlOptions, startExistingMysqlServers } from './existing-mysql-servers.ts';
import { type ExistingServers, startExistingServers } from './existing-servers.ts';

/** Servers of any engine as somebody else runs them. `repositories` as `startExistingServers`. */
export const startExisting = (
  engine: EngineUnderTest,
  repositories: readonly string[],
  mysql: ExistingMysqlOptions = {},
): Promise<ExistingServers> =>
  engine === 'postgresql' ? startExistingServers(repositories) : startExistingMysqlServers(engine, repositories, mysql);
