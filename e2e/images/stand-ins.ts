import type { Engine } from '#database/engine.ts';
import { imageRegistry } from './registry.ts';

/** A database image of Docker's library, where no registry is: Debian's packages of the same server at the same paths, with the same user. */
export type StandIn = {
  readonly image: string;
  readonly majorVersion: number;
  /** As the kernel calls the server's processes. */
  readonly process: string;
  /** Path of the server. */
  readonly server: string;
};

const named = (image: string): string => `${imageRegistry()}/${image}`;

export const POSTGRES_MAJOR = 18;

/** The stock image of each engine that the operator takes where nothing is said. */
export const standIns: Readonly<Record<Engine, StandIn>> = {
  postgresql: {
    image: named(`postgres:${POSTGRES_MAJOR}`),
    majorVersion: POSTGRES_MAJOR,
    process: 'postgres',
    server: `/usr/lib/postgresql/${POSTGRES_MAJOR}/bin/postgres`,
  },
  mariadb: { image: named('mariadb:11.8'), majorVersion: 11, process: 'mariadbd', server: '/usr/sbin/mariadbd' },
  mysql: { image: named('mysql:9.7'), majorVersion: 9, process: 'mysqld', server: '/usr/sbin/mysqld' },
};

/** Two of PostgreSQL, so that there is something to upgrade to: `next` differs in one file. */
export const postgresImages = {
  current: standIns.postgresql.image,
  next: `${standIns.postgresql.image}-next`,
} as const;

/** `postgres` and `mysql` in the stock images. */
export const OWNER = { uid: 999, gid: 999 };
