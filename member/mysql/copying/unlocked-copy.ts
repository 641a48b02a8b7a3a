import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import { firstAccepted } from '#database/mysql/sessions/first-accepted.ts';
import { rowsOf } from '#database/mysql/sessions/rows-of.ts';
import { roles } from '#database/roles.ts';
import type { CopyRequest } from './copy-request.ts';
import { startTool } from './start-tool.ts';

/*
 * A copy of a primary whose commits wait for a replica, where none is there. They could not be held for the copy's last moment: they
 * are under way until a replica has them, perhaps the very one that is made. So it is taken in the midst of them. What they wrote is
 * in the copy, prepared and not committed; the storage engine has noted where the log stood at the last one that was. There the copy
 * goes on, and is sent the others as any replica.
 *
 * A change of a table's definition that waits among them is in the copy as well, for nothing undoes it; the replica stops at it with an
 * error, and is copied anew.
 */

/** Of a prepared copy. @throws Error where the log does not tell, which it may at the next attempt */
export async function endOfUnlocked({ donor, passwords, incoming, signal }: CopyRequest): Promise<string> {
  const place = parsePlace(await readFile(join(incoming, 'xtrabackup_binlog_pos_innodb'), 'utf8'));
  const { endpoint } = donor;
  return await firstAccepted(passwords.candidates('replication'), async (password) => {
    const user = roles.replication;
    const session = await openConnection({ endpoint, user, password, role: 'monitor', signal });
    try {
      return await positionAt(session, place);
    } finally {
      session.abandon();
    }
  });
}

type Place = { readonly file: string; readonly offset: number };

/** `./bin.000007`, a tab, `1234`. */
function parsePlace(text: string): Place {
  const found = /^(?:\.\/)?([^/\t]+)\t(\d+)\s*$/.exec(text);
  if (found === null) throw new Error(`the copy does not tell where its log ends: ${JSON.stringify(text)}`);
  return { file: found[1] ?? '', offset: Number(found[2]) };
}

async function positionAt(session: MysqlConnection, { file, offset }: Place): Promise<string> {
  const [row] = await rowsOf<{ readonly position: string | null }>(session, {
    name: 'position-at',
    text: 'SELECT BINLOG_GTID_POS(?, ?) AS position',
    values: [file, offset],
  });
  if (row?.position == null) throw new Error(`the log in which the copy ends is gone: ${file}`);
  return row.position;
}

const HEURISTIC = /restart (?:mysqld|mariadbd|the server)?\s*without --tc-heuristic-recover/i;

/** Undoes what is prepared: no server starts on that where the log is missing in which it stands whether it was committed. */
export async function undoPrepared({ programs, incoming, aside, socketPath, signal }: CopyRequest): Promise<void> {
  const where = [`--datadir=${incoming}`, `--tmpdir=${aside}`, `--socket=${socketPath}`];
  const alone = [
    '--skip-networking',
    '--skip-grant-tables',
    '--lower-case-table-names=0',
    '--innodb-buffer-pool-size=32M',
  ];
  let done = false;
  const onLine = (line: string): void => {
    done ||= HEURISTIC.test(line);
  };
  // With a log, which it asks what became of them; that one knows nothing.
  const log = [`--log-bin=${join(aside, 'bin')}`, '--server-id=1'];
  const args = ['--no-defaults', ...where, ...alone, ...log, '--tc-heuristic-recover=ROLLBACK'];
  const tool = startTool(programs.server, { args, stdio: ['ignore', 'ignore'], signal, onLine });
  try {
    // It ends by itself, and counts that as a failure.
    await tool.ended;
  } catch (error) {
    signal.throwIfAborted();
    if (!done) throw error;
  }
}
