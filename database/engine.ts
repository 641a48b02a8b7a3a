import type { Target } from '#contract/routing-document.ts';

/** What a repository's servers are. */
export type Engine = Target['engine'];

/** As people write them. */
export const productName: Readonly<Record<Engine, string>> = {
  postgresql: 'PostgreSQL',
  mariadb: 'MariaDB',
  mysql: 'MySQL',
};

const USUAL_PORT = { postgresql: 5432, mariadb: 3306, mysql: 3306 } as const satisfies Record<Engine, number>;

/** Where servers of that engine listen unless told otherwise. */
export const usualPort = (engine: Engine): number => USUAL_PORT[engine];

/**
 * How many replicas a commit can be made to wait for. MariaDB has no setting for it: its semi-synchronous commits go on with the
 * first acknowledgement, up to 11.8 at least.
 */
export const mostRequired = (engine: Engine): number => (engine === 'mariadb' ? 1 : Number.POSITIVE_INFINITY);
