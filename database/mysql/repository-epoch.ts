import type { Statement } from './connection/statement.ts';
import type { Flavour } from './flavour.ts';
import { appliedPosition } from './replication/positions.ts';

/** Rows of `barrier`: so many may be passed at once without waiting for each other. */
const BARRIERS = 64;
const barrierRows = Array.from({ length: BARRIERS }, (_, id) => `(${id}, 0)`).join(', ');

/**
 * The fencing row of a repository, as database/postgres/repository-epoch.ts has it, in the same schema as the mail. `position` is
 * that of the server's binary log when the row was written, behind which nothing of an earlier epoch comes: the row is to
 * a repository of MariaDB or MySQL what the history of a timeline is to one of PostgreSQL.
 *
 * Repeatable; the default schema of the session is the repository's.
 */
export const repositoryEpochDdl: readonly Statement[] = [
  {
    name: 'epoch-table',
    text: `CREATE TABLE IF NOT EXISTS repository_epoch (
      epoch BIGINT NOT NULL PRIMARY KEY CHECK (epoch >= 1),
      uid_gap BIGINT NOT NULL CHECK (uid_gap >= 0),
      member VARBINARY(255) NOT NULL,
      stamped_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
      position VARBINARY(16000) NOT NULL
    ) ENGINE=InnoDB`,
  },
  {
    // Locked by who writes (shared) and by who stamps. A lock of the transaction: one by name would outlive a ROLLBACK.
    name: 'epoch-door-table',
    text: 'CREATE TABLE IF NOT EXISTS epoch_door (id TINYINT NOT NULL PRIMARY KEY) ENGINE=InnoDB',
  },
  { name: 'epoch-door', text: 'INSERT INTO epoch_door (id) VALUES (1) ON DUPLICATE KEY UPDATE id = id' },
  {
    name: 'barrier-table',
    text: `CREATE TABLE IF NOT EXISTS barrier (id SMALLINT UNSIGNED NOT NULL PRIMARY KEY, n BIGINT UNSIGNED NOT NULL)
      ENGINE=InnoDB`,
  },
  {
    name: 'barrier-rows',
    text: `INSERT INTO barrier (id, n) VALUES ${barrierRows} ON DUPLICATE KEY UPDATE id = id`,
  },
];

/** One row, column `epoch`: the epoch in force, null before the first stamp. */
export const selectEpoch: Statement = { name: 'epoch', text: 'SELECT MAX(epoch) AS epoch FROM repository_epoch' };

/**
 * A writing transaction runs this first and `selectEpoch` next, as two statements (each sees what was committed before it
 * began): from then to its end no epoch can be stamped, so what it saw still holds when it commits.
 */
export const lockEpoch: Statement = {
  name: 'epoch-lock',
  // MariaDB has no FOR SHARE.
  text: 'SELECT 1 FROM epoch_door WHERE id = 1 LOCK IN SHARE MODE',
};

export type Stamp = { readonly epoch: number; readonly uidGap: number; readonly member: string };

/** Begins a stamp: waits for the writing transactions under way. */
export const lockEpochAlone: Statement = {
  name: 'epoch-lock-alone',
  text: 'SELECT 1 FROM epoch_door WHERE id = 1 FOR UPDATE',
};

/** Repeating it changes nothing. */
export const insertEpoch = (flavour: Flavour, { epoch, uidGap, member }: Stamp): Statement => ({
  name: 'epoch-insert',
  text: `INSERT INTO repository_epoch (epoch, uid_gap, member, position) VALUES (?, ?, ?, ${appliedPosition(flavour)})
    ON DUPLICATE KEY UPDATE epoch = VALUES(epoch)`,
  values: [epoch, uidGap, member],
});

/** The whole of it, as a batch. */
export const stampEpoch = (flavour: Flavour, stamp: Stamp): readonly Statement[] => [
  { name: 'begin', text: 'START TRANSACTION' },
  lockEpochAlone,
  insertEpoch(flavour, stamp),
  { name: 'commit', text: 'COMMIT' },
];

/**
 * Once it is committed, all that was committed before is with the replicas too. It must change something: what does not is
 * not in the binary log, and waits for nobody.
 * @param session any number
 */
export const passBarrier = (session: number): Statement => ({
  name: 'barrier',
  text: 'UPDATE barrier SET n = n + 1 WHERE id = ?',
  values: [session % BARRIERS],
});
