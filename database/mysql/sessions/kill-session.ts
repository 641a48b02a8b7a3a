import type { MysqlConnection } from '../connection/mysql-connection.ts';
import { ServerError } from '../connection/server-error.ts';
import { errorCodes } from '../error-codes.ts';

/** Ends a session, or a thread of the server's own. One that has ended meanwhile is as good. */
export async function killSession(connection: MysqlConnection, id: number): Promise<void> {
  await connection
    .batch([{ name: 'kill-session', text: 'KILL CONNECTION ?', values: [id] }])
    .catch((error: unknown) => {
      if (!(error instanceof ServerError) || error.errno !== errorCodes.noSuchSession) throw error;
    });
}
