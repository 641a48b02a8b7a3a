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

/** Parameters: epoch, uid_gap, member. Repeating it changes nothing. */
export const insertEpoch =
  'INSERT INTO imapcluster.repository_epoch (epoch, uid_gap, member) VALUES ($1, $2, $3) ON CONFLICT (epoch) DO NOTHING';
