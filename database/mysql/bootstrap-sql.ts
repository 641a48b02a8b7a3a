import { createHash } from 'node:crypto';
import { type RoleName, roles } from '../roles.ts';
import { ed25519PublicKey } from './connection/ed25519.ts';
import { literal } from './connection/fill-in.ts';
import type { Statement } from './connection/statement.ts';
import type { Flavour } from './flavour.ts';

export type RolePasswords = { readonly replication: string; readonly mail: string; readonly salvage: string };

type Accounts = { readonly flavour: Flavour; readonly passwords: RolePasswords };

/**
 * Accounts, in any session of an administrator. Repeatable: an account that is there gets the password. To MariaDB nothing secret
 * is sent; MySQL writes a hash in place of the password wherever it notes the statement.
 */
export const accountStatements = ({ flavour, passwords }: Accounts): readonly Statement[] => [
  // A plug-in of the server's own package. It is not replicated, so every member loads it at its start too (`plugin_load_add`).
  ...(flavour === 'mariadb' ? [statement('plugin', "INSTALL PLUGIN IF NOT EXISTS ed25519 SONAME 'auth_ed25519'")] : []),
  ...([roles.replication, roles.mail, roles.salvage] as const).flatMap((role) => {
    const signIn = identified({ flavour, role, password: passwords[passwordOf[role]] });
    return [
      statement(`account-${role}`, `CREATE USER IF NOT EXISTS ${role}@'%' ${signIn} ${LASTING[flavour]}`),
      statement(`password-${role}`, `ALTER USER ${role}@'%' ${signIn} ${LASTING[flavour]}`),
    ];
  }),
  ...serverGrants[flavour].map(([role, rights]) => statement(`grant-${role}`, `GRANT ${rights} TO ${role}@'%'`)),
];

/** Whatever the server does with others: nobody would renew it, and the same one is written more than once. */
const LASTING: Readonly<Record<Flavour, string>> = {
  mariadb: 'PASSWORD EXPIRE NEVER',
  mysql: 'PASSWORD EXPIRE NEVER PASSWORD HISTORY 0 PASSWORD REUSE INTERVAL 0 DAY',
};

const passwordOf = { [roles.replication]: 'replication', [roles.mail]: 'mail', [roles.salvage]: 'salvage' } as const;

type Identified = { readonly flavour: Flavour; readonly role: RoleName; readonly password: string };

/**
 * A replica of MariaDB signs in by itself, and Debian 12's server cannot by ed25519: the client's half is in another package
 * and folder. What is stored is a hash in either case, of a password that nobody made up.
 */
function identified({ flavour, role, password }: Identified): string {
  if (flavour === 'mysql') return `IDENTIFIED WITH caching_sha2_password BY ${literal(password)}`;
  if (role !== roles.replication) return `IDENTIFIED VIA ed25519 USING ${literal(ed25519PublicKey(password))}`;
  return `IDENTIFIED VIA mysql_native_password USING ${literal(nativeVerifier(password))}`;
}

const sha1 = (octets: string | Buffer): Buffer => createHash('sha1').update(octets).digest();

/** What `mysql_native_password` stores. */
export const nativeVerifier = (password: string): string => `*${sha1(sha1(password)).toString('hex').toUpperCase()}`;

/** Of the whole server: what replication takes, and to see how far it is. None of them may lift a fence. */
const serverGrants: Readonly<Record<Flavour, readonly (readonly [role: string, rights: string])[]>> = {
  mariadb: [
    [roles.replication, 'REPLICATION SLAVE ON *.*'],
    [roles.mail, 'BINLOG MONITOR, SLAVE MONITOR ON *.*'],
  ],
  mysql: [
    [roles.replication, 'REPLICATION SLAVE ON *.*'],
    // It is by this account that a member has itself copied (member/mysql/copying/).
    [roles.replication, 'BACKUP_ADMIN ON *.*'],
    [roles.mail, 'REPLICATION CLIENT ON *.*'],
    [roles.mail, 'SELECT ON performance_schema.*'],
  ],
};

/**
 * Of one repository. The server has no way to leave single tables out of the rights to a schema: that nobody but the agent
 * writes `repository_epoch`, as PostgreSQL enforces, is up to imapd here.
 */
export const repositoryGrants = (database: string): readonly Statement[] => {
  // An underscore would stand for any character.
  const tables = `\`${database.replaceAll('_', '\\_')}\`.*`;
  const rights = 'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, LOCK TABLES';
  return [
    statement('grant-repository', `GRANT ${rights} ON ${tables} TO ${roles.mail}@'%'`),
    // It gets all of it in the log anyway, and asks an upstream for its epochs before it follows.
    statement('grant-replication', `GRANT SELECT ON ${tables} TO ${roles.replication}@'%'`),
    statement('grant-salvage', `GRANT SELECT ON ${tables} TO ${roles.salvage}@'%'`),
  ];
};

const statement = (name: string, text: string): Statement => ({ name, text });
