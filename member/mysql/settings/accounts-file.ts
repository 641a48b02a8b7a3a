import { ed25519PublicKey } from '#database/mysql/connection/ed25519.ts';
import { literal } from '#database/mysql/connection/fill-in.ts';
import type { Flavour } from '#database/mysql/flavour.ts';
import { account, doorRoles } from '#database/mysql/sessions/door.ts';
import { roles } from '#database/roles.ts';
import type { Access } from '../../engine.ts';
import { dropCopyAccount } from '../copying/copy-account.ts';
import { letIn } from './let-in.ts';

export type Accounts = {
  /** The agent's. */
  readonly password: string;
  readonly database: string;
  /** With which the server starts. */
  readonly access: Access;
};

/** What the agent's account may do where it comes over the network, as imapd does: look. */
const LOOKS: Readonly<Record<Flavour, string>> = {
  mariadb: 'PROCESS, BINLOG MONITOR, SLAVE MONITOR, REPLICATION MASTER ADMIN',
  mysql: 'PROCESS, REPLICATION CLIENT, REPLICATION SLAVE',
};

/** The agent's account over the local socket, which may do everything; and the same over the network, which may only look. */
export const adminHere = `'${roles.admin}'@'localhost'`;
export const adminAnywhere = `'${roles.admin}'@'%'`;

/** @returns what follows the account in `ALTER USER` */
export const signInOfAdmin = (flavour: Flavour, password: string): string =>
  flavour === 'mysql'
    ? `IDENTIFIED WITH caching_sha2_password BY ${literal(password)}`
    : `IDENTIFIED VIA ed25519 USING ${literal(ed25519PublicKey(password))}`;

/**
 * Contents of the `init_file`: what the server does at every start before it takes connections, a statement a line. So the agent
 * gets in whatever the data came from, and nobody does by the account of a new server that has no password. Nor does whom the access
 * shuts out: a server that ended while it served mail would let it in until its agent has looked. In no log: each member has its own.
 */
export function accountsFile(flavour: Flavour, { password, database, access }: Accounts): string {
  const shut = doorRoles.filter((role) => !letIn[access].includes(role));
  const signIn = signInOfAdmin(flavour, password);
  const statements = [
    'SET SESSION sql_log_bin = 0',
    ...[adminHere, adminAnywhere].flatMap((admin) => [
      `CREATE USER IF NOT EXISTS ${admin} ${signIn}`,
      `ALTER USER ${admin} ${signIn} ACCOUNT UNLOCK`,
    ]),
    `GRANT ALL ON *.* TO ${adminHere} WITH GRANT OPTION`,
    `GRANT ${LOOKS[flavour]} ON *.* TO ${adminAnywhere}`,
    `GRANT SELECT ON \`${database.replaceAll('_', '\\_')}\`.* TO ${adminAnywhere}`,
    ...(flavour === 'mysql' ? [`GRANT SELECT ON performance_schema.* TO ${adminAnywhere}`] : []),
    "DROP USER IF EXISTS 'root'@'localhost'",
    // They are not there yet in data that are new.
    ...shut.map((role) => `ALTER USER IF EXISTS ${account(role)} ACCOUNT LOCK`),
    // Of a copy that this server was the source of, or is one.
    ...(flavour === 'mariadb' ? [dropCopyAccount] : []),
  ];
  return statements.map((statement) => `${statement};\n`).join('');
}
