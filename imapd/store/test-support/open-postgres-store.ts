import pg from 'pg';
import { epoch, partitionName } from '#contract/names.ts';
import { roles } from '#database/roles.ts';
import { DirectAccess } from '../direct-access.ts';
import { collectable } from '../postgres/collect/collectable.ts';
import type { Connection } from '../postgres/connection.ts';
import { directEngine } from '../postgres/direct-engine.ts';
import { PostgresStore } from '../postgres/postgres-store.ts';
import { operationStatements } from '../postgres/salvage/operation-statements.ts';
import { verify } from '../postgres/verify.ts';
import { tailBegan } from '../salvage/tail-began.ts';
import type { PostgresServer } from './postgres-server.ts';
import { addUser, appendText, attempt, inboxOf, newDatabaseName, type StoreFixture } from './store-fixture.ts';
import type { OpenDatabase, OpenStore } from './test-store-server.ts';

/** With what only a test of PostgreSQL asks for. */
export type PostgresStoreFixture = StoreFixture & {
  readonly access: DirectAccess<Connection>;
  readonly pool: pg.Pool;
};

export async function openStore(server: PostgresServer, options: OpenStore = {}): Promise<PostgresStoreFixture> {
  const database = newDatabaseName();
  await server.createDatabase(database);
  return await openDatabase(server, database, { ...options, user: 'ada' });
}

/** Any database at the epoch it is at; `user` is made first. */
export async function openDatabase(
  server: Pick<PostgresServer, 'host' | 'port'>,
  database: string,
  { user, mailboxes = [], ...limits }: OpenDatabase = {},
): Promise<PostgresStoreFixture> {
  const { pool, admin, sent, close } = connect({ host: server.host, port: server.port, database });
  const open = (number: number) => {
    const access = new DirectAccess(directEngine(pool), { partition: partitionName('test'), epoch: epoch(number) });
    return { access, store: new PostgresStore(access, limits) };
  };
  const { access, store } = open(await newestEpoch(admin));
  if (user !== undefined) await addUser(store, user, mailboxes);
  return {
    ...sent,
    store,
    access,
    pool,
    database,
    inbox: await inboxOf(store),
    sql: (text, values) => run(admin, text, values),
    async session() {
      const client = await pool.connect();
      return { sql: (text, values) => run(client, text, values), end: async () => client.release(true) };
    },
    waiting: async () => (await admin.query(waitingText)).rows.length,
    deadlocks: async () => (await admin.query<{ deadlocks: number }>(deadlocksText)).rows[0]?.deadlocks ?? -1,
    async atEpoch(number, { uidGap }) {
      const text = "INSERT INTO imapcluster.repository_epoch (epoch, uid_gap, member) VALUES ($1, $2, 'a1')";
      await admin.query(text, [number, uidGap]);
      return open(number).store;
    },
    append: (text, options) => appendText(store, text, options),
    collect: (limits) => collectable(access).collect(limits, attempt),
    collectableAt: (number) => collectable(open(number).access),
    verify: () => access.read((c) => verify(c, () => undefined), attempt),
    tailBegan: (memory) => tailBegan({ source: pool, operations: operationStatements }, memory),
    close,
  };
}

type Sent = Pick<StoreFixture, 'statements' | 'statementNames' | 'packets'>;

function connect(place: { readonly host: string; readonly port: number; readonly database: string }) {
  const pool = new pg.Pool({ ...place, user: roles.mail, max: 16, pipeline: true } as pg.PoolConfig);
  const admin = new pg.Pool({ ...place, user: roles.admin, max: 1 });
  const sent: Sent = { statements: [], statementNames: [], packets: [] };
  // The pool ends without waiting for its connections; what the server says to those when it stops is no news.
  let closing = false;
  const onError = (error: Error): void => {
    if (!closing) throw error;
  };
  for (const each of [pool, admin]) each.on('error', onError);
  pool.on('connect', (client) => record(client, sent));
  const close = async (): Promise<void> => {
    closing = true;
    await pool.end();
    await admin.end();
  };
  return { pool, admin, sent, close };
}

async function newestEpoch(admin: pg.Pool): Promise<number> {
  const text = 'SELECT max(epoch)::int AS epoch FROM imapcluster.repository_epoch';
  return (await admin.query<{ epoch: number | null }>(text)).rows[0]?.epoch ?? 1;
}

const waitingText = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
const deadlocksText = 'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()';

/** `?` stands for a value, as everywhere in SQL but in PostgreSQL. */
async function run<R extends object>(c: Pick<pg.Pool, 'query'>, text: string, values: unknown[] = []): Promise<R[]> {
  let n = 0;
  return (
    await c.query<R & pg.QueryResultRow>(
      text.replaceAll('?', () => `$${++n}`),
      values,
    )
  ).rows;
}

type Statement = { readonly text: string; readonly name?: string };

/** Counts what really goes to the server, whoever sends it. */
function record(client: pg.PoolClient, into: Sent): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const recorded = (...args: unknown[]): unknown => {
    const [first] = args as [string | Statement | { statements: Statement[] }];
    const sent = typeof first === 'string' ? { text: first } : first;
    for (const { text, name = text } of 'statements' in sent ? sent.statements : [sent]) {
      into.statements.push(text);
      into.statementNames.push(name);
    }
    return query(...args);
  };
  Object.assign(client, { query: recorded });
}
