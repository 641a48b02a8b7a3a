import type { MysqlConnection } from '../connection/mysql-connection.ts';
import type { Row, Statement } from '../connection/statement.ts';
import type { Flavour } from '../flavour.ts';
import { wordsOf } from './words.ts';

/** Why one half of a replication stands still, or cannot connect, in the server's words. */
export type Failure = { readonly errno: number; readonly message: string };

/** Of the replication of a server that has an upstream, whether it runs or not. */
export type ReplicaStatus = {
  /** `user`: by which account it replicates. */
  readonly upstream: { readonly host: string; readonly port: number; readonly user: string };
  readonly receiver: 'receiving' | 'connecting' | 'stopped';
  readonly isApplying: boolean;
  /** What has come since the receiver was started, as the server writes it: the last one (MariaDB), a set (MySQL). */
  readonly received: string;
  /** Where the receiver is in the log of its upstream, in the middle of a transaction too. */
  readonly logPosition: string;
  readonly receiverFailure: Failure | null;
  readonly applierFailure: Failure | null;
};

export const showReplicaStatus = (flavour: Flavour): Statement => ({
  name: 'replica-status',
  text: `SHOW ${wordsOf[flavour].replica} STATUS`,
});

/** null: it has no upstream, and never had since it was promoted. */
export async function readReplicaStatus(connection: MysqlConnection): Promise<ReplicaStatus | null> {
  const [answer] = await connection.batch([showReplicaStatus(connection.flavour)]);
  return replicaStatusOf(answer?.rows[0], connection.flavour);
}

/** From the row of `showReplicaStatus`. */
export function replicaStatusOf(row: Row | undefined, flavour: Flavour): ReplicaStatus | null {
  if (row === undefined) return null;
  const names = columns[flavour];
  const text = (name: string): string => String(row[name] ?? '');
  return {
    upstream: { host: text(names.host), port: Number(row[names.port]), user: text(names.user) },
    receiver: receivers.get(text(names.receiver)) ?? 'connecting',
    isApplying: text(names.applier) === 'Yes',
    received: text(names.received).replaceAll('\n', ''),
    logPosition: `${text(names.log)} ${text(names.logPosition)}`,
    receiverFailure: failureIn(row, 'Last_IO'),
    applierFailure: failureIn(row, 'Last_SQL'),
  };
}

const receivers: ReadonlyMap<string, ReplicaStatus['receiver']> = new Map([
  ['Yes', 'receiving'],
  ['No', 'stopped'],
]);

const columns = {
  mariadb: {
    host: 'Master_Host',
    port: 'Master_Port',
    user: 'Master_User',
    receiver: 'Slave_IO_Running',
    applier: 'Slave_SQL_Running',
    received: 'Gtid_IO_Pos',
    log: 'Master_Log_File',
    logPosition: 'Read_Master_Log_Pos',
  },
  mysql: {
    host: 'Source_Host',
    port: 'Source_Port',
    user: 'Source_User',
    receiver: 'Replica_IO_Running',
    applier: 'Replica_SQL_Running',
    received: 'Retrieved_Gtid_Set',
    log: 'Source_Log_File',
    logPosition: 'Read_Source_Log_Pos',
  },
} as const;

function failureIn(row: Row, prefix: string): Failure | null {
  const errno = Number(row[`${prefix}_Errno`] ?? 0);
  return errno === 0 ? null : { errno, message: String(row[`${prefix}_Error`] ?? '') };
}
