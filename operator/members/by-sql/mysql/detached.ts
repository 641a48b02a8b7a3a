import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { wordsOf } from '#database/mysql/replication/words.ts';

/**
 * Whom a detached replica follows: nobody, where nobody listens. A server that is started again attaches to whom it knows, unless its
 * owner has said otherwise in its file; and one that knows nobody would pass for a primary.
 */
export const NOBODY = { host: '127.0.0.1', port: 1, user: 'imapcluster_detached' } as const;

/** Its replication has stopped, and all that it had received is applied: with the upstream that is forgotten. */
export async function followNobody(connection: MysqlConnection): Promise<void> {
  const { source } = wordsOf[connection.flavour];
  const prefix = connection.flavour === 'mysql' ? 'SOURCE' : 'MASTER';
  const { host, port, user } = NOBODY;
  const text = `CHANGE ${source} TO ${prefix}_HOST = ?, ${prefix}_PORT = ?, ${prefix}_USER = ?, ${prefix}_PASSWORD = ''`;
  await connection.batch([{ name: 'follow-nobody', text, values: [host, port, user] }]);
}
