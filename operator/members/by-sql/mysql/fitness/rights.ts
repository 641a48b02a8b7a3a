import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import type { Flavour } from '#database/mysql/flavour.ts';
import type { Unfit } from '../../engine-server.ts';
import { NOTES } from '../server-note.ts';

/**
 * What the operator's account needs, and why.
 *
 *   of the server   with GRANT OPTION, which holds for schemas too: part of all that is given to the other accounts
 *   of a schema
 */
type Rights = {
  readonly server: readonly string[];
  readonly schemas: (database: string) => Readonly<Record<string, readonly string[]>>;
};

const TABLES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'ALTER', 'DROP', 'INDEX', 'LOCK TABLES'];
const NOTED = ['SELECT', 'INSERT', 'DELETE', 'CREATE'];

export const needed: Readonly<Record<Flavour, Rights>> = {
  mariadb: {
    server: [
      'CREATE USER',
      'PROCESS',
      'RELOAD',
      'CONNECTION ADMIN',
      'READ_ONLY ADMIN',
      'BINLOG ADMIN',
      'BINLOG MONITOR',
      'SLAVE MONITOR',
      'REPLICATION SLAVE',
      'REPLICATION SLAVE ADMIN',
      'REPLICATION MASTER ADMIN',
    ],
    schemas: (database) => ({ [database]: TABLES, [NOTES]: NOTED, mysql: ['SELECT'] }),
  },
  mysql: {
    server: [
      'CREATE USER',
      'PROCESS',
      'RELOAD',
      'REPLICATION CLIENT',
      'REPLICATION SLAVE',
      'CONNECTION_ADMIN',
      'SYSTEM_USER',
      'REPLICATION_SLAVE_ADMIN',
      'SYSTEM_VARIABLES_ADMIN',
      'PERSIST_RO_VARIABLES_ADMIN',
    ],
    schemas: (database) => ({
      [database]: TABLES,
      [NOTES]: NOTED,
      mysql: ['SELECT'],
      performance_schema: ['SELECT'],
    }),
  },
};

export type Granted = {
  /** `name@host`, as the server took it. */
  readonly account: string;
  readonly server: ReadonlySet<string>;
  /** By schema, as it was granted: `_` and `%` stand for anything. */
  readonly schemas: ReadonlyMap<string, ReadonlySet<string>>;
  /** Where it may grant what it has: `''` for the whole server. */
  readonly grantable: ReadonlySet<string>;
};

/** Rights of the own account, given to it itself and not by a role. Everybody may read that. */
export async function readRights(connection: MysqlConnection): Promise<Granted> {
  const [who, ofServer, ofSchemas] = await connection.batch([
    { name: 'whoami', text: 'SELECT CURRENT_USER() AS account' },
    {
      name: 'own-rights',
      text: `SELECT privilege_type AS name, is_grantable = 'YES' AS grantable FROM information_schema.user_privileges
WHERE grantee = ${OWN}`,
    },
    {
      name: 'own-schema-rights',
      text: `SELECT table_schema AS place, privilege_type AS name, is_grantable = 'YES' AS grantable
FROM information_schema.schema_privileges WHERE grantee = ${OWN}`,
    },
  ]);
  const schemas = new Map<string, Set<string>>();
  const grantable = new Set<string>();
  for (const row of (ofSchemas?.rows ?? []) as readonly Right[]) {
    schemas.getOrInsertComputed(row.place ?? '', () => new Set()).add(row.name);
    if (row.grantable === 1) grantable.add(row.place ?? '');
  }
  const whole = (ofServer?.rows ?? []) as readonly Right[];
  if (whole.some((row) => row.grantable === 1)) grantable.add('');
  const account = String(who?.rows[0]?.account ?? '');
  return { account, server: new Set(whole.map(({ name }) => name)), schemas, grantable };
}

type Right = { readonly place?: string; readonly name: string; readonly grantable: number };

/** As these tables write an account. */
const OWN = `CONCAT("'", SUBSTRING_INDEX(CURRENT_USER(), '@', 1), "'@'", SUBSTRING_INDEX(CURRENT_USER(), '@', -1), "'")`;

/** What the account lacks, as statements that give it. */
export function missingGrants(granted: Granted, flavour: Flavour, database: string): readonly string[] {
  const { server, schemas } = needed[flavour];
  const account = quoted(granted.account);
  const ofServer = server.filter((name) => !granted.server.has(name));
  const grants: string[] = [];
  if (ofServer.length > 0 || !granted.grantable.has('')) {
    const rights = ofServer.length > 0 ? ofServer.join(', ') : 'USAGE';
    grants.push(`GRANT ${rights} ON *.* TO ${account} WITH GRANT OPTION`);
  }
  for (const [schema, rights] of Object.entries(schemas(database))) {
    const lacking = rights.filter((name) => !granted.server.has(name) && !ofSchema(granted, schema).has(name));
    if (lacking.length > 0) grants.push(`GRANT ${lacking.join(', ')} ON \`${schema}\`.* TO ${account}`);
  }
  return grants;
}

export function missingRights(granted: Granted, flavour: Flavour, database: string): Unfit | null {
  const grants = missingGrants(granted, flavour, database);
  if (grants.length === 0) return null;
  const message = `${granted.account} lacks rights, given to it and not by a role: ${grants.join('; ')}`;
  return { code: 'RightsMissing', message };
}

function ofSchema({ schemas }: Granted, schema: string): ReadonlySet<string> {
  const all = [...schemas].filter(([place]) => matches(place, schema));
  return new Set(all.flatMap(([, rights]) => [...rights]));
}

/** As `LIKE`. */
function matches(pattern: string, schema: string): boolean {
  const source = pattern.replaceAll(/\\?[\s\S]/g, (part) => {
    if (part === '%') return '.*';
    if (part === '_') return '.';
    return part.replace(/^\\/, '').replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  });
  return new RegExp(`^${source}$`, 'i').test(schema);
}

function quoted(account: string): string {
  const at = account.lastIndexOf('@');
  return `'${account.slice(0, at)}'@'${account.slice(at + 1)}'`;
}
