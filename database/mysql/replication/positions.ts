import type { MysqlConnection } from '../connection/mysql-connection.ts';
import type { Row, Statement } from '../connection/statement.ts';
import type { Flavour } from '../flavour.ts';
import { parseMariadbPosition, reachesMariadb } from '../gtid/mariadb-position.ts';
import { parseGtidSet, printGtidSet, unionOf } from '../gtid/mysql-set.ts';
import { type ReplicaStatus, replicaStatusOf, showReplicaStatus } from './replica-status.ts';

/** Where a server stands. Both are empty where nothing has been written yet. */
export type Positions = {
  /** What shows in its tables. */
  readonly applied: string;
  /** What it holds, applied or not. */
  readonly received: string;
};

/**
 * MariaDB: the later of what was written here and of what was replicated, so that it holds for primaries, replicas and what was one
 * of them before. What was only written counts as well, while its COMMIT waits. Not that of the binary log: a copy of another
 * server has none of its own yet.
 */
const APPLIED: Readonly<Record<Flavour, string>> = {
  mariadb: '@@GLOBAL.gtid_current_pos',
  mysql: "REPLACE(@@GLOBAL.gtid_executed, '\\n', '')",
};

/** An expression. */
export const appliedPosition = (flavour: Flavour): string => APPLIED[flavour];

export type Standing = Positions & { readonly status: ReplicaStatus | null };

/** Two statements of one batch: first the position, so that what is received is never less than what is applied. */
const readStanding = (flavour: Flavour): readonly Statement[] => [
  { name: 'position', text: `SELECT ${APPLIED[flavour]} AS applied` },
  showReplicaStatus(flavour),
];

export async function standingOf(connection: MysqlConnection): Promise<Standing> {
  const { flavour } = connection;
  const [position, replica] = await connection.batch(readStanding(flavour));
  const status = replicaStatusOf(replica?.rows[0], flavour);
  return { status, ...positionsOf(position?.rows[0], status, flavour) };
}

/** @param row with `applied` */
export function positionsOf(row: Row | undefined, status: ReplicaStatus | null, flavour: Flavour): Positions {
  const applied = String(row?.applied ?? '');
  return { applied, received: status === null ? applied : heldWith(applied, status.received, flavour) };
}

/**
 * The receiver tells of what has come since it was started: MariaDB nothing at all after a restart of the server, MySQL not what came
 * before.
 */
function heldWith(applied: string, received: string, flavour: Flavour): string {
  if (flavour === 'mysql') return printGtidSet(unionOf(parseGtidSet(applied), parseGtidSet(received)));
  return reachesMariadb(parseMariadbPosition(applied), parseMariadbPosition(received)) ? applied : received;
}
