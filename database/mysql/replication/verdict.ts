import type { Failure, ReplicaStatus } from './replica-status.ts';

/**
 * What the halves of a replication fail with that is for good (`mysqld_error.h` of both): the upstream's refusal to send (MySQL gives
 * it another number on the replica), and what the applier meets where the tables differ.
 */
const REFUSED = new Set([1236, 13114]);
const DIFFERS = new Set([
  // A row that is there already, or is not there; MySQL's worker and coordinator say so, MariaDB's too.
  1062, 1032,
  // A database, table, column, key or account that is there already, or is not there; a column of another type.
  1007, 1008, 1049, 1050, 1051, 1054, 1060, 1061, 1091, 1146, 1396, 1535, 1677,
  // MariaDB: out of order, of another server's number, or not in the log of the upstream.
  1950, 1941, 1945, 1955,
]);

const REMOVED = /purged|could not find (?:next log|first log)|in any binlog files/i;

/** Why a replica cannot go on from where it is; null: this may pass. */
export function rebuildFor({ errno, message }: Failure): 'Diverged' | 'LogRemoved' | null {
  if (DIFFERS.has(errno)) return 'Diverged';
  if (!REFUSED.has(errno)) return null;
  return REMOVED.test(message) ? 'LogRemoved' : 'Diverged';
}

/** Why a replica cannot go on, of what either of its halves has failed with. */
export function rebuildOf(status: ReplicaStatus | null): 'Diverged' | 'LogRemoved' | null {
  const failures = [status?.receiverFailure ?? null, status?.applierFailure ?? null];
  return failures.map((failure) => failure && rebuildFor(failure)).find((reason) => reason !== null) ?? null;
}
