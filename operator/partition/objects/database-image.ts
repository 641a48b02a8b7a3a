import type { RunAs } from '../../objects/restricted-security.ts';

/** A database image, and where the things in it are. */
export type DatabaseImage = {
  /** Name with tag or digest. */
  readonly image: string;
  /** Of the server in it. */
  readonly majorVersion: number;
  /** Folder of `postgres`, `initdb`, `pg_ctl`, `pg_basebackup` and `pg_rewind`. */
  readonly binDirectory: string;
  /** The user of the image that the server runs as. */
  readonly runAs: RunAs;
};

/** `postgres` in the stock images made from Debian. (Those from Alpine have 70, and no glibc for the agent.) */
const POSTGRES: RunAs = { uid: 999, gid: 999 };

/**
 * The stock image `postgres` from Docker's library, or one that is laid out like it.
 *
 * @param major version of the server: a digest does not tell it, and the paths contain it
 */
export const stockPostgres = (image: string, major: number): DatabaseImage => ({
  image,
  majorVersion: major,
  binDirectory: `/usr/lib/postgresql/${major}/bin`,
  runAs: POSTGRES,
});
