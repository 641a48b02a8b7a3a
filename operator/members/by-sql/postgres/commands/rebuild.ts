import { Impossible } from '#database/impossible.ts';
import type { PostgresHandler } from '../sql-context.ts';
import { follow } from './follow.ts';

/**
 * `rewind` and `clone` of a server that somebody else runs: SQL can do neither. Once they have been done by hand the server is
 * a replica that can follow, and this finds it so.
 */
export const rebuild: PostgresHandler<'rewind' | 'clone'> = async ({ from }, context) => {
  try {
    return await follow({ kind: 'follow', upstream: from }, context);
  } catch (error) {
    if (!(error instanceof Impossible)) throw error;
    const { host, port } = from.endpoint;
    const how = `stop the server; rewind it (pg_rewind) or copy it anew (pg_basebackup) from ${from.member}, ${host}:${port}; start it with standby.signal`;
    throw new Impossible('RebuildByHand', `${error.message}. ${how}: it is attached then`, { cause: error });
  }
};
