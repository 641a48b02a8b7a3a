/** Kinds of database servers that speak MySQL's protocol. */
export type ServerKind = 'mariadb' | 'mysql';

/** A database server that Debian has as packages. */
export type PackagedServer = {
  readonly kind: ServerKind;
  /** Of the series, as people name it. */
  readonly version: string;
  /** Debian's suite that has it. */
  readonly suite: string;
  readonly packages: readonly string[];
  /** Below the root of the file system that the packages make: the server itself, and the texts of its messages. */
  readonly server: string;
  readonly share: string;
};

// Not only the core: plugins for signing in are in the package of the whole.
const mariadbPackages = ['mariadb-server', 'mariadb-backup'];
const mariadb = { kind: 'mariadb', packages: mariadbPackages, server: 'usr/sbin/mariadbd' } as const;

/** Every version that is tested; npm has none of them. */
export const packagedServers = {
  'mariadb-10.11': { ...mariadb, version: '10.11', suite: 'bookworm', share: 'usr/share/mysql' },
  'mariadb-11.8': { ...mariadb, version: '11.8', suite: 'sid', share: 'usr/share/mariadb' },
  'mysql-9.7': {
    kind: 'mysql',
    version: '9.7',
    suite: 'sid',
    packages: ['mysql-server-core'],
    server: 'usr/sbin/mysqld',
    share: 'usr/share/mysql',
  },
} as const satisfies Record<string, PackagedServer>;

export type ServerName = keyof typeof packagedServers;

export const serverNames = Object.keys(packagedServers) as readonly ServerName[];
