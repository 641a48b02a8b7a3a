import type { MysqlConnection } from '../connection/mysql-connection.ts';
import type { Statement } from '../connection/statement.ts';
import type { Flavour } from '../flavour.ts';
import { rowsOf } from '../sessions/rows-of.ts';
import { firstToKeep, type LogFile, type PurgeOptions } from './purge-plan.ts';

/** What is known of the log of one server: of a file that is not written any more nothing changes. */
export class KnownLog {
  /** The oldest first; the last one is being written. */
  files: readonly LogFile[] = [];
}

/**
 * Purges what nobody needs of the binary log: neither server does by itself what is right here, for they go by age, or keep log for
 * those alone that are connected. What a replica still reads stays until it has, or until the server has seen that it is gone.
 *
 * Asked every few seconds: to list the log a server opens all its files, so it is listed again only when it has grown by one.
 *
 * @param known of the same server, from one time to the next
 * @returns bytes that are left, beside the file that is being written
 */
export async function purgeLog(
  connection: MysqlConnection,
  options: PurgeOptions,
  known: KnownLog = new KnownLog(),
): Promise<number> {
  const written = await nameOfWritten(connection);
  if (known.files.at(-1)?.name !== written) known.files = await readFiles(connection, known.files);
  const first = firstToKeep(known.files, options);
  if (first !== null) {
    await connection.batch([{ name: 'purge', text: 'PURGE BINARY LOGS TO ?', values: [first] }]);
    known.files = await readFiles(connection, known.files);
  }
  return known.files.slice(0, -1).reduce((sum, { bytes }) => sum + bytes, 0);
}

const WRITTEN: Readonly<Record<Flavour, string>> = {
  mariadb: 'SHOW MASTER STATUS',
  mysql: 'SHOW BINARY LOG STATUS',
};

async function nameOfWritten(connection: MysqlConnection): Promise<string | undefined> {
  const text = WRITTEN[connection.flavour];
  const [row] = await rowsOf<{ readonly File: string }>(connection, { name: 'log-written', text });
  return row?.File;
}

type FileRow = { readonly Log_name: string; readonly File_size: number };

async function readFiles(connection: MysqlConnection, known: readonly LogFile[]): Promise<readonly LogFile[]> {
  const begins = new Map(known.map(({ name, begin }) => [name, begin]));
  const files: LogFile[] = [];
  const list = await rowsOf<FileRow>(connection, { name: 'logs', text: 'SHOW BINARY LOGS' });
  for (const { Log_name: name, File_size: bytes } of list) {
    files.push({ name, bytes, begin: begins.get(name) ?? (await readBegin(connection, name)) });
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
