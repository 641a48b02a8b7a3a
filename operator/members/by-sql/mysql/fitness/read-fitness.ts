import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import type { Row, Statement } from '#database/mysql/connection/statement.ts';
import type { Flavour } from '#database/mysql/flavour.ts';
import { showReplicaStatus } from '#database/mysql/replication/replica-status.ts';
import { roles } from '#database/roles.ts';
import { showVariables, variablesIn } from '../settings.ts';
import { wantedVariables } from './wanted.ts';

/** What is looked at now and then: whether the server is set up so that what is promised holds. */
export type Fitness = {
  readonly flavour: Flavour;
  /** By name; one that the server does not know is left out. */
  readonly variables: Readonly<Record<string, string>>;
  /** MariaDB: its accounts of mail and salvage sign in by it. */
  readonly hasEd25519: boolean;
  /** MariaDB: plug-ins that check passwords: they refuse hashes, which is all that our accounts are made with. */
  readonly passwordChecks: readonly string[];
  /** MariaDB: `rpl_semi_sync_slave_enabled` is in its file or on its command line, and nobody has set it since. */
  readonly acknowledgesFromStart: boolean;
  /** Accounts that the server would take for one of ours: `user@host`. */
  readonly shadows: readonly string[];
  /** What the mail account may do in the whole server. */
  readonly mailRights: readonly string[];
  readonly replication: ReplicationSettings;
};

export type ReplicationSettings = {
  readonly channels: number;
  /** Seconds. */
  readonly delay: number;
  /** What is left out, of the log that is written or of the log that is applied: by name, with what is said there. */
  readonly filters: Readonly<Record<string, string>>;
};

const LOG_STATUS: Readonly<Record<Flavour, string>> = {
  mariadb: 'SHOW MASTER STATUS',
  mysql: 'SHOW BINARY LOG STATUS',
};
const ALL_CHANNELS: Readonly<Record<Flavour, Statement>> = {
  mariadb: { name: 'channels', text: 'SHOW ALL SLAVES STATUS' },
  mysql: showReplicaStatus('mysql'),
};

/** Accounts of ours for some hosts, which win over those for all; and those without a name, which win for their host. */
const SHADOWS: Statement = {
  name: 'shadows',
  text: "SELECT CONCAT(user, '@', host) AS account FROM mysql.user WHERE user = '' OR (user IN (?) AND host <> '%')",
  values: [[roles.mail, roles.replication, roles.salvage]],
};

const PASSWORD_CHECKS: Readonly<Record<Flavour, Statement>> = {
  mariadb: {
    name: 'password-checks',
    text: `SELECT plugin_name AS name FROM information_schema.plugins
WHERE plugin_type = 'PASSWORD VALIDATION' AND plugin_status = 'ACTIVE' AND @@GLOBAL.strict_password_validation = 1`,
  },
  // It is given passwords, which have what it asks for by default.
  mysql: { name: 'password-checks', text: 'SELECT 1 AS name LIMIT 0' },
};

/** @see `Fitness.acknowledgesFromStart` */
const FROM_START: Readonly<Record<Flavour, Statement>> = {
  mariadb: {
    name: 'acknowledges-from-start',
    text: `SELECT COUNT(*) AS n FROM information_schema.system_variables
WHERE variable_name = 'RPL_SEMI_SYNC_SLAVE_ENABLED' AND global_value = 'ON' AND global_value_origin <> 'SQL'`,
  },
  // What it makes of it does no harm.
  mysql: { name: 'acknowledges-from-start', text: 'SELECT 0 AS n' },
};

export async function readFitness(connection: MysqlConnection): Promise<Fitness> {
  const { flavour } = connection;
  const [variables, plugin, checks, fromStart, shadows, rights, log, channels] = await connection.batch([
    showVariables(wantedVariables(flavour)),
    {
      name: 'ed25519',
      text: "SELECT COUNT(*) AS n FROM information_schema.plugins WHERE plugin_name = 'ed25519' AND plugin_status = 'ACTIVE'",
    },
    PASSWORD_CHECKS[flavour],
    FROM_START[flavour],
    SHADOWS,
    {
      name: 'mail-rights',
      text: 'SELECT privilege_type AS name FROM information_schema.user_privileges WHERE grantee = ?',
      values: [`'${roles.mail}'@'%'`],
    },
    { name: 'log-status', text: LOG_STATUS[flavour] },
    ALL_CHANNELS[flavour],
  ]);
  const rows = channels?.rows ?? [];
  return {
    flavour,
    variables: variablesIn(variables?.rows ?? []),
    hasEd25519: plugin?.rows[0]?.n === 1,
    passwordChecks: (checks?.rows ?? []).map(({ name }) => String(name)),
    acknowledgesFromStart: fromStart?.rows[0]?.n === 1,
    shadows: (shadows?.rows ?? []).map(({ account }) => String(account)),
    mailRights: (rights?.rows ?? []).map(({ name }) => String(name)),
    replication: {
      channels: rows.length,
      delay: Math.max(0, ...rows.map((row) => Number(row.SQL_Delay ?? 0))),
      filters: { ...filtersIn(log?.rows[0]), ...filtersIn(rows[0]) },
    },
  };
}

const FILTER = /^(?:Binlog|Replicate)_(?:Wild_)?(?:Do|Ignore|Rewrite)_/;

const filtersIn = (row: Row | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(row ?? {}).flatMap(([name, value]) =>
      FILTER.test(name) && value !== null && value !== '' ? [[name, String(value)]] : [],
    ),
  );
