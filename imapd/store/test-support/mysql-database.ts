import { accountStatements, repositoryGrants } from '#database/mysql/bootstrap-sql.ts';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { openConnection } from '#database/mysql/connection/open-connection.ts';
import type { SessionRole } from '#database/mysql/connection/session-settings.ts';
import type { Statement } from '#database/mysql/connection/statement.ts';
import { repositoryEpochDdl, stampEpoch } from '#database/mysql/repository-epoch.ts';
import type { MysqlServer } from '#database/mysql/test-support/mysql-server.ts';
import { roles } from '#database/roles.ts';
import type { Lent } from '../direct-access.ts';
import type { Lender } from '../mysql/direct-engine.ts';
import { migrate } from '../mysql/migrations/migrate.ts';

/** Of all three accounts; as long as ed25519 wants it. */
export const TEST_PASSWORD = 'a password of thirty-two octets!';

const TIMEOUT_MS = 20_000;

type Place = Pick<MysqlServer, 'socketPath'>;

/** A session of the mail account, or of root. */
export const connectTo = (server: Place, database: string, role: SessionRole): Promise<MysqlConnection> =>
  openConnection({
    endpoint: { socketPath: server.socketPath },
    ...(role === 'admin' ? { user: 'root', password: '' } : { user: roles.mail, password: TEST_PASSWORD }),
    database,
    role,
    timeoutMs: TIMEOUT_MS,
  });

const withAccounts = new WeakSet<Place>();

/** An empty database at epoch 1, with the accounts and grants as an agent makes them; migrated unless `bare`. */
export async function createDatabase(
  server: Place,
  name: string,
  { bare = false }: { readonly bare?: boolean } = {},
): Promise<void> {
  const passwords = { replication: TEST_PASSWORD, mail: TEST_PASSWORD, salvage: TEST_PASSWORD };
  const admin = await connectTo(server, 'mysql', 'admin');
  const { flavour } = admin;
  await admin.batch([
    ...(withAccounts.has(server) ? [] : accountStatements({ flavour, passwords })),
    { name: 'create', text: `CREATE DATABASE ${name}` },
    ...repositoryGrants(name),
    { name: 'use', text: `USE ${name}` },
    ...repositoryEpochDdl,
    ...stampEpoch(flavour, { epoch: 1, uidGap: 0, member: 'a0' }),
  ]);
  withAccounts.add(server);
  await admin.end();
  if (bare) return;
  const mail = await connectTo(server, name, 'write');
  await migrate(mail);
  await mail.end();
}

/** A second database with the same contents. */
export async function copyDatabase(server: Place, from: string, to: string): Promise<void> {
  const admin = await connectTo(server, from, 'admin');
  const columns = await admin.execute<{ tab: string; cols: string }>({
    name: 'columns',
    text: `SELECT table_name AS tab, GROUP_CONCAT(CONCAT('\`', column_name, '\`')) AS cols
      FROM information_schema.columns WHERE table_schema = DATABASE() AND COALESCE(generation_expression, '') = '' GROUP BY table_name`,
  });
  await admin.batch([
    { name: 'create', text: `CREATE DATABASE ${to}` },
    ...repositoryGrants(to),
    ...columns.rows.flatMap(({ tab, cols }) => [
      { name: 'create', text: `CREATE TABLE ${to}.${tab} LIKE ${tab}` },
      { name: 'copy', text: `INSERT INTO ${to}.${tab} (${cols}) SELECT ${cols} FROM ${tab}` },
    ]),
  ]);
  await admin.end();
}

export type LenderOptions = {
  readonly max?: number;
  /** Told of all that is sent, as it is sent. */
  readonly onSend?: (statements: readonly Statement[]) => void;
};

/** Sessions of the mail account for `DirectAccess`; `end` ends those that nobody has. */
export function mysqlLender(
  server: Place,
  database: string,
  { max = 16, onSend }: LenderOptions = {},
): { readonly lend: Lender; end(): Promise<void> } {
  const idle: MysqlConnection[] = [];
  const waiting: (() => void)[] = [];
  let lent = 0;
  const giveBack = (connection: MysqlConnection, broken?: Error): void => {
    lent -= 1;
    if (broken === undefined && connection.lost === null) idle.push(connection);
    else connection.abandon();
    waiting.shift()?.();
  };
  return {
    async lend(): Promise<Lent<MysqlConnection>> {
      while (lent >= max) {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.push(resolve);
        await promise;
      }
      lent += 1;
      try {
        const connection = idle.pop() ?? tellOf(await connectTo(server, database, 'write'), onSend);
        return { connection, giveBack: (broken) => giveBack(connection, broken) };
      } catch (error) {
        lent -= 1;
        waiting.shift()?.();
        throw error;
      }
    },
    async end() {
      await Promise.all(idle.splice(0).map((connection) => connection.end()));
    },
  };
}

function tellOf(connection: MysqlConnection, onSend: LenderOptions['onSend']): MysqlConnection {
  if (onSend === undefined) return connection;
  const { batch, execute, eachRow } = connection;
  return Object.assign(connection, {
    batch(statements: readonly Statement[]) {
      onSend(statements);
      return batch.call(connection, statements);
    },
    execute(statement: Statement) {
      onSend([statement]);
      return execute.call(connection, statement);
    },
    eachRow(statement: Statement, take: (row: unknown) => void) {
      onSend([statement]);
      return eachRow.call(connection, statement, take);
    },
  });
}
