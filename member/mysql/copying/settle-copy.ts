import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import type { Statement } from '#database/mysql/connection/statement.ts';
import type { Flavour } from '#database/mysql/flavour.ts';
import { parseMariadbPosition, reachesMariadb } from '#database/mysql/gtid/mariadb-position.ts';
import { standingOf } from '#database/mysql/replication/positions.ts';
import { wordsOf } from '#database/mysql/replication/words.ts';
import { rowsOf } from '#database/mysql/sessions/rows-of.ts';
import { COPY_USER } from './copy-account.ts';
import type { Copied, CopyRequest } from './copy-request.ts';
import { withTemporaryServer } from './temporary-server.ts';

/** What the member's own server finds on its disk it must have been told here already (settings/server-options.ts). */
const OPTIONS: Readonly<Record<Flavour, readonly string[]>> = {
  mariadb: ['--gtid-domain-id=1', '--gtid-strict-mode=1', '--log-slave-updates=1', '--skip-slave-start'],
  mysql: [
    ...['--gtid-mode=ON', '--enforce-gtid-consistency=ON', '--log-replica-updates=1', '--skip-replica-start'],
    ...['--performance-schema=OFF', '--mysqlx=OFF', '--secure-file-priv=NULL'],
  ],
};
/** The copy has accounts of its donor's, and passwords that may be older than ours. */
const COMMON = [
  '--skip-grant-tables',
  '--log-bin=bin',
  '--relay-log=relay',
  '--server-id=1',
  '--lower-case-table-names=0',
];

/**
 * Makes of a copied server's data a member of its own: nothing in them follows anybody, or has the identity of the donor, and a log
 * begins where the copy ends. A server is started over them for that, which shows as well that they are whole.
 *
 * @throws Error where a server does not start on them, or nothing has ever been written there
 */
export async function settleCopy(request: CopyRequest, { position }: Copied): Promise<void> {
  const { flavour, programs, incoming, socketPath, temporaryDirectory, signal } = request;
  // By it a replica would be taken for its donor, and would give its numbers to transactions of its own.
  await rm(join(incoming, 'auto.cnf'), { force: true });
  const options = [...COMMON, ...OPTIONS[flavour]];
  const server = { program: programs.server, directory: incoming, socketPath, temporaryDirectory, options, signal };
  await withTemporaryServer({ ...server, end: 'inOrder' }, async (connect) => {
    const session = await connect();
    await session.batch([
      // Whatever took a number here would be nobody else's.
      { name: 'log-off', text: 'SET SESSION sql_log_bin = 0' },
      { name: 'forget-upstream', text: `RESET ${wordsOf[flavour].replica} ALL` },
      ...(flavour === 'mariadb' ? [forgetCopyAccount] : []),
    ]);
    if (position !== null) await session.batch(beginAt(await laterOf(session, position)));
    const { applied } = await standingOf(session);
    if (applied === '') throw new Error('the copy does not tell what of the log it has');
  });
}

/**
 * Of MariaDB. Of a copy of a primary the server's own table of what was replicated knows nothing; in one of a replica it is right, to
 * the transaction, while what was noted beside it is what the server had told by then, which may be less.
 */
async function laterOf(session: MysqlConnection, noted: string): Promise<string> {
  const [row] = await rowsOf<{ readonly own: string }>(session, {
    name: 'replicated',
    text: 'SELECT @@GLOBAL.gtid_slave_pos AS own',
  });
  const own = row?.own ?? '';
  return reachesMariadb(parseMariadbPosition(own), parseMariadbPosition(noted)) ? own : noted;
}

/** Without accounts in force there are no statements about them. */
const forgetCopyAccount: Statement = {
  name: 'copy-account',
  text: 'DELETE FROM mysql.global_priv WHERE User = ?',
  values: [COPY_USER],
};

/** Of MariaDB: where it is to go on, and that its own log is not all there is. */
const beginAt = (position: string): readonly Statement[] => [
  { name: 'log-begins', text: 'SET GLOBAL gtid_binlog_state = ?', values: [position] },
  { name: 'copy-ends', text: 'SET GLOBAL gtid_slave_pos = ?', values: [position] },
];
