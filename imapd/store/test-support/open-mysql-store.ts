import { epoch, partitionName } from '#contract/names.ts';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import type { Value } from '#database/mysql/connection/statement.ts';
import { stampEpoch } from '#database/mysql/repository-epoch.ts';
import type { MysqlServer } from '#database/mysql/test-support/mysql-server.ts';
import { DirectAccess } from '../direct-access.ts';
import { collectable } from '../mysql/collect/collectable.ts';
import { directEngine } from '../mysql/direct-engine.ts';
import { MysqlStore } from '../mysql/mysql-store.ts';
import { operationStatements } from '../mysql/salvage/operation-statements.ts';
import { verify } from '../mysql/verify.ts';
import { tailBegan } from '../salvage/tail-began.ts';
import { connectTo, mysqlLender } from './mysql-database.ts';
import { addUser, appendText, attempt, inboxOf, type StoreFixture } from './store-fixture.ts';
import type { OpenDatabase } from './test-store-server.ts';

/** Any database at the epoch it is at; `user` is made first. */
export async function openDatabase(
  server: Pick<MysqlServer, 'socketPath'>,
  database: string,
  { user, mailboxes = [], ...limits }: OpenDatabase = {},
): Promise<StoreFixture> {
  const sent: Pick<StoreFixture, 'statements' | 'statementNames' | 'packets'> = {
    statements: [],
    statementNames: [],
    packets: [],
  };
  const lender = mysqlLender(server, database, {
    onSend(statements) {
      sent.statements.push(...statements.map(({ text }) => text));
      sent.statementNames.push(...statements.map(({ name }) => name));
      sent.packets.push(statements.length);
    },
  });
  const admin = await connectTo(server, database, 'admin');
  const open = (number: number) => {
    const access = new DirectAccess(directEngine(lender.lend), {
      partition: partitionName('test'),
      epoch: epoch(number),
    });
    return { access, store: new MysqlStore(access, limits) };
  };
  const { access, store } = open(await newestEpoch(admin));
  const deadlocksBefore = await deadlocksOf(admin);
  if (user !== undefined) await addUser(store, user, mailboxes);
  return {
    ...sent,
    store,
    database,
    inbox: await inboxOf(store),
    sql: (text, values) => run(admin, text, values),
    async session() {
      const c = await connectTo(server, database, 'write');
      return { sql: (text, values) => run(c, text, values), end: async () => c.abandon() };
    },
    waiting: async () => Number((await run<{ Value: string }>(admin, waitingText))[0]?.Value),
    deadlocks: async () => (await deadlocksOf(admin)) - deadlocksBefore,
    async atEpoch(number, { uidGap }) {
      await admin.batch(stampEpoch(admin.flavour, { epoch: number, uidGap, member: 'a1' }));
      return open(number).store;
    },
    append: (text, options) => appendText(store, text, options),
    collect: (most) => collectable(access).collect(most, attempt),
    collectableAt: (number) => collectable(open(number).access),
    verify: () => access.read((c) => verify(c, () => undefined), attempt),
    tailBegan: (memory) => tailBegan({ source: admin, operations: operationStatements }, memory),
    async close() {
      await lender.end();
      await admin.end();
    },
  };
}

async function newestEpoch(admin: MysqlConnection): Promise<number> {
  const [row] = await run<{ epoch: number | null }>(
    admin,
    'SELECT MAX(epoch) AS epoch FROM imapcluster.repository_epoch',
  );
  return row?.epoch ?? 1;
}

/** Of the whole server. What information_schema says of transactions stays as it is while it is asked for more often than ten times a second. */
const waitingText = "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'";

/** Of the whole server, since its start: whoever asks has it alone, and others had it before. */
const deadlocksText = {
  mariadb: "SELECT variable_value AS n FROM information_schema.global_status WHERE variable_name = 'INNODB_DEADLOCKS'",
  mysql: "SELECT count AS n FROM information_schema.innodb_metrics WHERE name = 'lock_deadlocks'",
} as const;

const deadlocksOf = async (admin: MysqlConnection): Promise<number> =>
  Number((await run<{ n: string }>(admin, deadlocksText[admin.flavour]))[0]?.n);

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Tests name tables as PostgreSQL has them, and identifiers as everybody reads them. */
async function run<R extends object>(c: MysqlConnection, text: string, values: unknown[] = []): Promise<R[]> {
  const here = text.replace(/\bmail\.usage\b/g, 'usage_of').replace(/\b(?:mail|imapcluster)\./g, '');
  const octets = (value: unknown): unknown =>
    typeof value === 'string' && UUID.test(value) ? Buffer.from(value.replaceAll('-', ''), 'hex') : value;
  const [answer] = await c.batch([{ name: 'test', text: here, values: values.map(octets) as Value[] }]);
  return (answer?.rows ?? []) as R[];
}
