import { mostRequired } from '../../engine.ts';
import { Impossible } from '../../impossible.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import type { Statement } from '../connection/statement.ts';
import type { Flavour } from '../flavour.ts';
import { rowsOf } from '../sessions/rows-of.ts';
import { wordsOf } from './words.ts';

/** Milliseconds after which a primary would go on without its replicas; the highest that there is. */
const NEVER = '18446744073709551615';

/** What a primary makes its commits wait for, and how many it let go without. */
export type SemiSync = {
  /** Replicas that a commit waits for; 0: for none, or not as it should. */
  readonly required: number;
  /** Commits that wait, and replicas that are there to reply to them. */
  readonly waiting: number;
  readonly replicas: number;
  /** Counts what was acknowledged to a client and to which no replica had replied. */
  readonly unacknowledged: number;
};

/** Texts: the time-out is beyond any number. */
export const showSemiSync = (flavour: Flavour): readonly Statement[] => {
  const like = `LIKE '${wordsOf[flavour].semiSyncSource.replaceAll('_', '\\_')}%'`;
  return [
    { name: 'semi-sync-status', text: `SHOW GLOBAL STATUS ${like}` },
    { name: 'semi-sync-settings', text: `SHOW GLOBAL VARIABLES ${like}` },
  ];
};

/** @param rows of both statements of `showSemiSync` */
export function semiSyncOf(rows: readonly Readonly<Record<string, unknown>>[], flavour: Flavour): SemiSync {
  const words = wordsOf[flavour];
  const said = new Map(rows.map((row) => [String(row.Variable_name).toLowerCase(), String(row.Value)]));
  const of = (name: string): string => said.get(`${words.semiSyncSource}_${name}`) ?? '';
  // A primary that has switched itself off has `status` alone turned.
  const waits =
    of('enabled') === 'ON' &&
    of('status') === 'ON' &&
    of('wait_point') === 'AFTER_SYNC' &&
    of('timeout') === NEVER &&
    said.get(words.waitWithoutReplica) === 'ON';
  return {
    required: waits ? Number(flavour === 'mysql' ? of('wait_for_replica_count') : 1) : 0,
    waiting: Number(of('wait_sessions')),
    replicas: Number(of('clients')),
    unacknowledged: Number(of('no_tx')) + Number(of('no_times')),
  };
}

export async function readSemiSync(connection: MysqlConnection): Promise<SemiSync> {
  const answers = await connection.batch(showSemiSync(connection.flavour));
  return semiSyncOf(
    answers.flatMap(({ rows }) => rows),
    connection.flavour,
  );
}

/**
 * Makes commits wait for `required` replicas from now on, for ever if need be, and before they show to others. Which replicas
 * count they decide themselves (`setAcknowledging`).
 *
 * To require fewer answers those that wait: of MariaDB and MySQL alike the client is told OK. So that comes after the record
 * says so, and never to end a wait.
 */
export async function requireAcknowledgements(connection: MysqlConnection, required: number): Promise<void> {
  const { flavour } = connection;
  if (required > mostRequired(flavour)) {
    throw new Impossible('TooManyRequired', `${flavour} cannot wait for ${required} replicas, but for one`);
  }
  // What is as it should be is left alone: who waits is not to be woken.
  if ((await readSemiSync(connection)).required === required) return;
  const { semiSyncSource: source, waitWithoutReplica } = wordsOf[flavour];
  if (required === 0) {
    await connection.batch([{ name: 'semi-sync-off', text: `SET GLOBAL ${source}_enabled = 0` }]);
    return;
  }
  const count = flavour === 'mysql' ? [`GLOBAL ${source}_wait_for_replica_count = ${required}`] : [];
  const settings = [
    `GLOBAL ${source}_timeout = ${NEVER}`,
    `GLOBAL ${source}_wait_point = AFTER_SYNC`,
    `GLOBAL ${waitWithoutReplica} = 1`,
    ...count,
  ];
  await connection.batch([
    { name: 'semi-sync-settings', text: `SET ${settings.join(', ')}` },
    { name: 'semi-sync-on', text: `SET GLOBAL ${source}_enabled = 1` },
  ]);
  const { required: inForce } = await readSemiSync(connection);
  if (inForce !== required) throw new Error(`commits wait for ${inForce} replicas, and not for ${required}`);
}

/** Seconds. MariaDB's receiver tells its upstream, over a connection of its own, that it ends; 5 where it is left alone. */
const FAREWELL_S = 1;

/** Whether this server, as a replica, tells its upstream what it has received. In force when its receiver starts next. */
export function setAcknowledging(flavour: Flavour, on: boolean): Statement {
  const { semiSyncReplica: replica } = wordsOf[flavour];
  const farewell = flavour === 'mariadb' ? `, GLOBAL ${replica}_kill_conn_timeout = ${FAREWELL_S}` : '';
  return { name: 'semi-sync-replica', text: `SET GLOBAL ${replica}_enabled = ${on ? 1 : 0}${farewell}` };
}

export async function isAcknowledging(connection: MysqlConnection): Promise<boolean> {
  const { semiSyncReplica } = wordsOf[connection.flavour];
  const rows = await rowsOf<{ readonly enabled: number }>(connection, {
    name: 'is-acknowledging',
    text: `SELECT @@GLOBAL.${semiSyncReplica}_enabled AS enabled`,
  });
  return rows[0]?.enabled === 1;
}
