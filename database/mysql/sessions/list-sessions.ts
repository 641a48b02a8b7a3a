import type { MysqlConnection } from '../connection/mysql-connection.ts';
import type { Row, Statement } from '../connection/statement.ts';
import { rowsOf } from './rows-of.ts';

/** `command`: what it is about, of the servers' own too (`Slave_IO`, `Binlog Dump GTID`). */
export type Session = {
  readonly id: number;
  readonly user: string;
  readonly command: string;
  readonly state: string;
};

/**
 * Who is connected. Not from `information_schema`: its list is made in a file, which finds no room on a disk that is full. And MySQL has the
 * one of its performance schema only where that is on.
 */
export const showSessions: Statement = { name: 'sessions', text: 'SHOW PROCESSLIST' };

export const sessionsIn = (rows: readonly Row[]): readonly Session[] =>
  rows.map((row) => ({
    id: Number(row.Id),
    user: String(row.User ?? ''),
    command: String(row.Command ?? ''),
    state: String(row.State ?? ''),
  }));

export const listSessions = async (connection: MysqlConnection): Promise<readonly Session[]> =>
  sessionsIn(await rowsOf<Row>(connection, showSessions));
