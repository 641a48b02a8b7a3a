import type { MysqlConnection } from '../connection/mysql-connection.ts';
import type { Statement } from '../connection/statement.ts';
import type { Flavour } from '../flavour.ts';
import { rowsOf } from '../sessions/rows-of.ts';
import { firstToKeep, type LogFile, type PurgeOptions } from './purge-plan.ts';

/**
 * Purges what nobody needs of the binary log: neither server does by itself what is right here, for they go by age, or keep log for
 * those alone that are connected. What a replica still reads stays until it has, or until the server has seen that it is gone.
 *
 * @returns bytes that are left, beside the file that is being written
 */
export async function purgeLog(connection: MysqlConnection, options: PurgeOptions): Promise<number> {
  const files = await readFiles(connection);
  const first = firstToKeep(files, options);
  if (first !== null) {
    await connection.batch([{ name: 'purge', text: 'PURGE BINARY LOGS TO ?', values: [first] }]);
  }
  const left = await listFiles(connection);
  return left.slice(0, -1).reduce((sum, { File_size }) => sum + File_size, 0);
}

type FileRow = { readonly Log_name: string; readonly File_size: number };

const listFiles = (connection: MysqlConnection): Promise<readonly FileRow[]> =>
  rowsOf<FileRow>(connection, { name: 'logs', text: 'SHOW BINARY LOGS' });

async function readFiles(connection: MysqlConnection): Promise<readonly LogFile[]> {
  const files: LogFile[] = [];
  for (const { Log_name: name, File_size: bytes } of await listFiles(connection)) {
    files.push({ name, bytes, begin: await readBegin(connection, name) });
  }
  return files;
}

const BEGIN: Readonly<Record<Flavour, (file: string) => Statement>> = {
  mariadb: (file) => ({ name: 'log-begin', text: 'SELECT BINLOG_GTID_POS(?, 4) AS begin', values: [file] }),
  // The set is the second event of each file.
  mysql: (file) => ({ name: 'log-begin', text: 'SHOW BINLOG EVENTS IN ? LIMIT 2', values: [file] }),
};

type BeginRow = { readonly begin?: string | null; readonly Event_type?: string; readonly Info?: string };

async function readBegin(connection: MysqlConnection, file: string): Promise<string | null> {
  const rows = await rowsOf<BeginRow>(connection, BEGIN[connection.flavour](file));
  if (connection.flavour === 'mariadb') return rows[0]?.begin ?? null;
  return rows.find(({ Event_type }) => Event_type === 'Previous_gtids')?.Info?.replaceAll('\n', '') ?? null;
}
