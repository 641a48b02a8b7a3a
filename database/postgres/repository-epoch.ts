/**
 * The fencing row of a repository, replicated like everything else. One row per epoch; the highest is in force. The
 * agent of the primary writes it (`stamp`), imapd reads it inside every writing transaction.
 *
 * `uid_gap` is what identifiers jump by because of this epoch: 0 for a planned change, `failover.uidGap` for an
 * unplanned promotion, whose predecessor may have handed out identifiers that nobody kept.
 */
export const repositoryEpochDdl = `
CREATE SCHEMA IF NOT EXISTS imapcluster;
CREATE TABLE IF NOT EXISTS imapcluster.repository_epoch (
  epoch bigint PRIMARY KEY CHECK (epoch >= 1),
  uid_gap bigint NOT NULL CHECK (uid_gap >= 0),
  member text NOT NULL,
  stamped_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT USAGE ON SCHEMA imapcluster TO PUBLIC;
GRANT SELECT ON imapcluster.repository_epoch TO PUBLIC;
`;

/** One row, column `epoch`: the epoch in force, null before the first stamp. */
export const selectEpoch = 'SELECT max(epoch)::float8 AS epoch FROM imapcluster.repository_epoch';

/** Advisory lock between stamping (exclusive) and writing transactions (shared). */
const EPOCH_LOCK = 0x16a9c105;

/**
 * A writing transaction runs this first and `selectEpoch` next, as two statements (each sees what was committed before it
 * began): from then to its end no epoch can be stamped, so what it saw still holds when it commits.
 */
export const lockEpoch = `SELECT pg_advisory_xact_lock_shared(${EPOCH_LOCK})`;

/** Parameters: epoch, uid_gap, member. Waits for the writing transactions under way. Repeating it changes nothing. */
export const insertEpoch = `INSERT INTO imapcluster.repository_epoch (epoch, uid_gap, member)
  SELECT $1::bigint, $2::bigint, $3::text FROM (SELECT pg_advisory_xact_lock(${EPOCH_LOCK})) AS writers_ended
  ON CONFLICT (epoch) DO NOTHING`;
