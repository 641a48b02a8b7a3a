import { Impossible } from '#database/impossible.ts';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { readSemiSync } from '#database/mysql/replication/semi-sync.ts';
import { rowsOf } from '#database/mysql/sessions/rows-of.ts';
import type { ServedCopy } from '../../engine.ts';
import type { DataDirectory } from '../data-directory.ts';
import type { ServerPrograms } from '../server-programs.ts';
import { backupPrograms } from './backup-programs.ts';
import { type BackupRequest, backupStream } from './backup-stream.ts';

export type ServeBackup = Pick<BackupRequest, 'admin'> & {
  readonly programs: ServerPrograms;
  readonly data: Pick<DataDirectory, 'path' | 'socketPath' | 'lent'>;
};

/** A copy of the server that runs here, by MariaDB's own program. @throws Impossible `CloneUnavailable` where that is not there */
export async function serveBackup(request: ServeBackup, signal: AbortSignal): Promise<ServedCopy> {
  const programs = await backupPrograms(request.programs.server);
  if (programs === null) {
    throw new Impossible('CloneUnavailable', `there is no mariadb-backup beside ${request.programs.server}`);
  }
  const serverVersion = await request.programs.version();
  const { octets, locked } = await request.admin(signal, look);
  const { path: dataDirectory, socketPath, lent: aside } = request.data;
  const { admin } = request;
  const pieces = backupStream({ programs, locked, admin, dataDirectory, socketPath, aside }, signal);
  return { begin: { serverVersion, octets, locked }, pieces: locked ? pieces : stillHeld(pieces, request, signal) };
}

/** What a copy tells that was taken in the midst of commits holds only while none of them gets on. */
async function* stillHeld(
  pieces: AsyncIterable<Buffer>,
  { admin }: ServeBackup,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  yield* pieces;
  const { locked } = await admin(signal, look);
  if (locked) throw new Error('commits went on again while the copy was made without holding them');
}

async function look(admin: MysqlConnection): Promise<{ readonly octets: number | null; readonly locked: boolean }> {
  const [row] = await rowsOf<{ readonly octets: number | null }>(admin, {
    name: 'octets',
    text: 'SELECT CAST(SUM(file_size) AS SIGNED) AS octets FROM information_schema.innodb_sys_tablespaces',
  });
  const { required, replicas } = await readSemiSync(admin);
  // Commits wait for a replica, and there is none: they could not be held before they are done, perhaps by this very copy.
  return { octets: row?.octets ?? null, locked: required === 0 || replicas > 0 };
}
