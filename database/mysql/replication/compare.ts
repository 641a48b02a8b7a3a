import { poll } from '#runtime/poll.ts';
import { holdsPosition } from '../../position.ts';
import type { MysqlConnection } from '../connection/mysql-connection.ts';
import type { Flavour } from '../flavour.ts';
import { enterRepository } from '../sessions/enter-repository.ts';
import { rowsOf } from '../sessions/rows-of.ts';
import { divergence, type OwnEnd, type Stamp, type UpstreamLog } from './divergence.ts';
import { appliedPosition, standingOf } from './positions.ts';
import { semiSyncOf, showSemiSync } from './semi-sync.ts';

const POLL_MS = 10;

/** First stamp of a repository, to the microsecond: copies of one have it in common, and nothing else has it. Empty before it. */
export const IDENTITY = `COALESCE((SELECT CONCAT(member, ' ', DATE_FORMAT(stamped_at, '%Y-%m-%dT%H:%i:%s.%f'))
  FROM repository_epoch ORDER BY epoch LIMIT 1), '')`;

type LogRow = {
  readonly identity: string;
  readonly position: string;
  /** What is not in its log any more; MariaDB does not say. */
  readonly purged: string;
  readonly server: string;
};

const SERVER: Readonly<Record<Flavour, string>> = { mariadb: '@@GLOBAL.server_id', mysql: '@@GLOBAL.server_uuid' };

const PURGED: Readonly<Record<Flavour, string>> = {
  mariadb: "''",
  mysql: "REPLACE(@@GLOBAL.gtid_purged, '\\n', '')",
};

export type Upstream = UpstreamLog & { readonly purged: string };

/** What an upstream says of its log, to any account that may read the table of epochs. The session is in the repository's schema. */
export async function readUpstreamLog(connection: MysqlConnection): Promise<Upstream> {
  const { flavour } = connection;
  // First whether something waits: what no longer does shows in what is asked then.
  const [status, settings, about, stamps] = await connection.batch([
    ...showSemiSync(flavour),
    {
      name: 'upstream-log',
      text: `SELECT ${IDENTITY} AS identity, ${appliedPosition(flavour)} AS position, ${PURGED[flavour]} AS purged,
  CAST(${SERVER[flavour]} AS CHAR) AS server`,
    },
    { name: 'stamps', text: 'SELECT epoch, position FROM repository_epoch ORDER BY epoch' },
  ]);
  const { waiting } = semiSyncOf([...(status?.rows ?? []), ...(settings?.rows ?? [])], flavour);
  const row = about?.rows[0] as LogRow | undefined;
  if (row === undefined) throw new Error('a statement without a row');
  const { identity, position, purged, server } = row;
  const writer = waiting > 0 ? server : null;
  return { systemIdentifier: identity, position, purged, writer, stamps: (stamps?.rows ?? []) as readonly Stamp[] };
}

/**
 * Where the own log of a running server ends. What is received and not applied is waited for until `limit`; after that the end
 * is not exact: its epoch is in what has not been read.
 */
export async function readOwnEnd(connection: MysqlConnection, limit: AbortSignal): Promise<OwnEnd> {
  const exact = await poll(POLL_MS, limit, async () => {
    const { status, applied, received } = await standingOf(connection);
    if (status === null || holdsPosition(applied, received)) return true;
    // Not started: it would go on with what may be wrong.
    return status.isApplying ? null : false;
  }).catch((error: unknown) => {
    if (!limit.aborted) throw error;
    return false;
  });
  const [row] = await rowsOf<LogRow & { readonly epoch: number }>(connection, {
    name: 'own-end',
    text: `SELECT ${IDENTITY} AS identity, ${appliedPosition(connection.flavour)} AS position,
  COALESCE((SELECT MAX(epoch) FROM repository_epoch), 0) AS epoch`,
  });
  if (row === undefined) throw new Error('a statement without a row');
  return { systemIdentifier: row.identity, epoch: row.epoch, position: row.position, exact };
}

/** The same of a server that may have no repository yet: it has not come to the first statement of the log that it is sent. */
export async function readEnd(connection: MysqlConnection, database: string, limit: AbortSignal): Promise<OwnEnd> {
  if (await enterRepository(connection, database)) return await readOwnEnd(connection, limit);
  const { applied, received } = await standingOf(connection);
  return { systemIdentifier: '', epoch: 0, position: applied, exact: applied === received };
}

export type LogComparison = ReturnType<typeof divergence> | 'logRemoved';

/**
 * Whether a member may go on from `upstream`, whose log was read after the own end: one that follows grows meanwhile. That is asked before it does: MySQL takes a replica that has something of its
 * own, and begins to send. `logRemoved`: it could, but what comes next is not in the log any more; MariaDB's says so itself
 * when it is asked to send.
 */
export function compareLogs(own: OwnEnd, upstream: Upstream): LogComparison {
  const verdict = divergence(own, upstream);
  if (verdict !== 'follows') return verdict;
  return holdsPosition(own.position, upstream.purged) ? 'follows' : 'logRemoved';
}
