import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import type { Answer, Row, Statement } from '#database/mysql/connection/statement.ts';
import type { Flavour } from '#database/mysql/flavour.ts';
import { type ReplicaStatus, replicaStatusOf, showReplicaStatus } from '#database/mysql/replication/replica-status.ts';
import { type SemiSync, semiSyncOf, showSemiSync } from '#database/mysql/replication/semi-sync.ts';
import { wordsOf } from '#database/mysql/replication/words.ts';
import { roles } from '#database/roles.ts';
import type { SynchronousSet } from '#database/synchronous-set.ts';
import type { ServerFacts } from '../../engine-server.ts';
import { readNotes } from '../server-note.ts';
import { showVariables, variablesIn, WATCHFUL } from '../settings.ts';

/** What is asked of a server at each look. */
export type MysqlFacts = ServerFacts & {
  readonly flavour: Flavour;
  readonly serverId: number;
  /** null: it has no upstream, and never had since it was promoted. */
  readonly upstream: UpstreamFacts | null;
  /** It takes no writes of anybody's but the replication (MariaDB: of ordinary accounts). */
  readonly isReadOnly: boolean;
  /** Its `read_only` comes from a file or the command line, or is the default: nobody has set it since the start. */
  readonly isAsStarted: boolean;
  /** The mail account is shut out. */
  readonly isLocked: boolean;
  readonly semiSync: SemiSync;
  /** Told to wait for; what is in force may have been forgotten with a restart. */
  readonly noted: Readonly<SynchronousSet>;
  /** In which life it was seen to have all that it has acknowledged (level.ts). */
  readonly level: string;
  /** As a replica it tells its upstream what it has received. */
  readonly isAcknowledging: boolean;
  /** Those of `WATCHFUL`. */
  readonly settings: Readonly<Record<string, string>>;
};

export type UpstreamFacts = ReplicaStatus & { readonly user: string; readonly serverId: number };

type About = {
  readonly version: string;
  readonly server_id: number;
  readonly read_only: number;
  readonly super: number;
  readonly life: number | string;
  readonly origin: string;
  readonly locked: number | null;
};

/** Seconds since 1970, by the server's own clock on both sides: the same however often it is asked, in one life of the server. */
const LIFE: Readonly<Record<Flavour, string>> = {
  mariadb: `(SELECT UNIX_TIMESTAMP() - variable_value FROM information_schema.global_status WHERE variable_name = 'UPTIME')`,
  mysql: `(SELECT UNIX_TIMESTAMP() - variable_value FROM performance_schema.global_status WHERE variable_name = 'Uptime')`,
};

const LOCKED: Readonly<Record<Flavour, string>> = {
  mariadb: `(SELECT COALESCE(JSON_VALUE(priv, '$.account_locked'), '') IN ('1', 'true') FROM mysql.global_priv
  WHERE host = '%' AND user = ?)`,
  mysql: `(SELECT account_locked = 'Y' FROM mysql.user WHERE host = '%' AND user = ?)`,
};

const ORIGIN: Readonly<Record<Flavour, string>> = {
  mariadb: `(SELECT global_value_origin FROM information_schema.system_variables WHERE variable_name = 'READ_ONLY')`,
  // Kept by the server itself (`closeAtStart`).
  mysql: "'SQL'",
};

const about = (flavour: Flavour): Statement => ({
  name: 'facts',
  text: `SELECT VERSION() AS version, @@GLOBAL.server_id AS server_id, @@GLOBAL.read_only AS read_only,
  ${flavour === 'mysql' ? '@@GLOBAL.super_read_only' : '@@GLOBAL.read_only'} AS super,
  ${LIFE[flavour]} AS life, ${ORIGIN[flavour]} AS origin, ${LOCKED[flavour]} AS locked`,
  values: [roles.mail],
});

/** @param adopted whether the session is in a repository */
export async function readFacts(connection: MysqlConnection, adopted: boolean): Promise<MysqlFacts> {
  const { flavour } = connection;
  const acknowledging = `${wordsOf[flavour].semiSyncReplica}_enabled`;
  const [first, replica, variables, ...semiSync] = await connection.batch([
    about(flavour),
    showReplicaStatus(flavour),
    showVariables([...Object.keys(WATCHFUL[flavour]), acknowledging]),
    ...showSemiSync(flavour),
  ]);
  const row = first?.rows[0] as About | undefined;
  if (row === undefined) throw new Error('the server says nothing of itself');
  const settings = variablesIn(variables?.rows ?? []);
  const isLocked = row.locked === 1;
  const { synchronous, level } = await readNotes(connection);
  return {
    flavour,
    version: row.version.replace(/-.*/, ''),
    adopted,
    life: String(row.life),
    serverId: row.server_id,
    upstream: upstreamIn(replica, flavour),
    readOnly: row.read_only === 1 || isLocked,
    isReadOnly: row.super === 1,
    isAsStarted: row.origin !== 'SQL',
    isLocked,
    semiSync: semiSyncOf(rowsIn(semiSync), flavour),
    noted: synchronous,
    level,
    isAcknowledging: settings[acknowledging] === 'ON',
    settings,
  };
}

const rowsIn = (answers: readonly Answer[]): readonly Row[] => answers.flatMap(({ rows }) => rows);

function upstreamIn(answer: Answer | undefined, flavour: Flavour): UpstreamFacts | null {
  const row = answer?.rows[0];
  const status = replicaStatusOf(row, flavour);
  if (status === null || row === undefined) return null;
  const prefix = flavour === 'mysql' ? 'Source' : 'Master';
  return { ...status, user: String(row[`${prefix}_User`]), serverId: Number(row[`${prefix}_Server_Id`]) };
}
