import { Impossible } from '#database/impossible.ts';
import type { MysqlHandler } from '../context.ts';
import { follow } from './follow.ts';

/**
 * `rewind` and `clone` of a server that somebody else runs: SQL can do neither. Once it has been copied by hand its log is a beginning
 * of the upstream's, and this finds it so.
 */
export const rebuild: MysqlHandler<'rewind' | 'clone'> = async ({ from }, context) => {
  try {
    return await follow({ kind: 'follow', upstream: from }, context);
  } catch (error) {
    if (!(error instanceof Impossible)) throw error;
    const { host, port } = from.endpoint;
    const how = `stop the server; copy it anew from ${from.member}, ${host}:${port}, with its position and a server_id of its own; start it`;
    throw new Impossible('RebuildByHand', `${error.message}. ${how}: it is attached then`, { cause: error });
  }
};
