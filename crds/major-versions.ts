import type { Repository } from './repository.ts';

/** First numbers of the versions that are supervised, from and to. Of MariaDB 10 that is 10.11, of MySQL 8 it is 8.4: the agent sees to it. */
export const MAJOR_VERSIONS: Readonly<Record<Repository['engine'], readonly [number, number]>> = {
  postgresql: [15, 18],
  mariadb: [10, 11],
  mysql: [8, 9],
};
