import type { Engine } from '#database/engine.ts';
import type { RunAs } from '../../objects/restricted-security.ts';

/** A database image, and where the things in it are. */
export type DatabaseImage = {
  readonly engine: Engine;
  /** Name with tag or digest. */
  readonly image: string;
  /** Of the server in it. */
  readonly majorVersion: number;
  /** Folder of the server's program and, of PostgreSQL, of `initdb`, `pg_ctl`, `pg_basebackup` and `pg_rewind`. */
  readonly binDirectory: string;
  /** The user of the image that the server runs as. */
  readonly runAs: RunAs;
};

/** Where, in the operator's configuration, the image of an engine is that partitions get which name none. */
export const IMAGE_KEY = {
  postgresql: 'postgres',
  mariadb: 'mariadb',
  mysql: 'mysql',
} as const satisfies Record<Engine, string>;
export type ImageKey = (typeof IMAGE_KEY)[Engine];
export type DatabaseImages = Readonly<Record<ImageKey, { readonly image: string; readonly majorVersion: number }>>;

/** `postgres` and `mysql` in the stock images. (PostgreSQL's from Alpine have 70, and no glibc for the agent.) */
const STOCK_USER: RunAs = { uid: 999, gid: 999 };

const BIN_DIRECTORY = {
  postgresql: (major: number) => `/usr/lib/postgresql/${major}/bin`,
  mariadb: () => '/usr/sbin',
  mysql: () => '/usr/sbin',
} as const satisfies Record<Engine, (major: number) => string>;

/**
 * The stock image of an engine from Docker's library (`postgres`, `mariadb`, `mysql`), or one that is laid out like it.
 *
 * @param major version of the server: a digest does not tell it, and PostgreSQL's paths contain it
 */
export const stockImage = (engine: Engine, image: string, major: number): DatabaseImage => ({
  engine,
  image,
  majorVersion: major,
  binDirectory: BIN_DIRECTORY[engine](major),
  runAs: STOCK_USER,
});
