import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { epoch, partitionName } from '#contract/names.ts';
import { roles } from '#database/roles.ts';
import type { Attempt } from '../../routing/repository-access.ts';
import type { Collected, CollectLimits } from '../collect/collect.ts';
import type { Collectable } from '../collect/collect-periodically.ts';
import { DirectAccess } from '../direct-access.ts';
import { collectable } from '../postgres/collect/collectable.ts';
import type { Connection } from '../postgres/connection.ts';
import { directEngine } from '../postgres/direct-engine.ts';
import { PostgresStore } from '../postgres/postgres-store.ts';
import { verify } from '../postgres/verify.ts';
import type { StoreLimits } from '../store-limits.ts';
import type { MailboxId, OperationId, Uid } from '../types.ts';
import type { Difference } from '../verify.ts';
import type { PostgresServer } from './postgres-server.ts';

export const attempt: Attempt = { signal: new AbortController().signal };
export const operation = (): OperationId => randomUUID() as OperationId;

/** A store on a database of its own, with the user `ada` and her INBOX. */
export type StoreFixture = {
  readonly store: PostgresStore;
  readonly access: DirectAccess<Connection>;
  readonly pool: pg.Pool;
  readonly database: string;
  readonly inbox: MailboxId;
  /** Texts of all statements so far, in the order they were sent. */
  readonly statements: string[];
  /** The names of the same; one without a name is called by its text. */
  readonly statementNames: string[];
  /** As the superuser. */
  sql<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<R[]>;
  /** The same database at another epoch: what an imapd does after a retarget. */
  atEpoch(number: number, options: { readonly uidGap: number }): Promise<PostgresStore>;
  append(text: string | Buffer, options?: AppendOptions): Promise<Uid>;
  collect(limits: CollectLimits): Promise<Collected>;
  /** What the collector is given of the database, for one epoch. */
  collectableAt(number: number): Collectable;
  /** Differences between numbers and the rows they stand for. */
  verify(): Promise<readonly Difference[]>;
  close(): Promise<void>;
};

export type AppendOptions = {
  readonly mailbox?: string;
  readonly system?: number;
  readonly keywords?: readonly string[];
  readonly operation?: OperationId;
};

/** Where a database has no `ada` yet. */
const NOBODYS = '00000000-0000-0000-0000-000000000000' as MailboxId;
let databases = 0;

export const newDatabaseName = (): string => `imap_${process.pid}_${databases++}`;

export async function openStore(server: PostgresServer, limits: StoreLimits = {}): Promise<StoreFixture> {
  const database = newDatabaseName();
  await server.createDatabase(database);
  return await openDatabase(server, database, { user: 'ada', limits });
}

/** Any database at the epoch it is at; `user` is made first. */
export async function openDatabase(
  server: Pick<PostgresServer, 'host' | 'port'>,
  database: string,
  { user, limits }: { readonly user?: string; readonly limits?: StoreLimits } = {},
): Promise<StoreFixture> {
  const place = { host: server.host, port: server.port, database };
  const pool = new pg.Pool({ ...place, user: roles.mail, max: 16, pipeline: true } as pg.PoolConfig);
  const admin = new pg.Pool({ ...place, user: roles.admin, max: 1 });
  const statements: string[] = [];
  const statementNames: string[] = [];
  // The pool ends without waiting for its connections; what the server says to those when it stops is no news.
  let closing = false;
  const onError = (error: Error): void => {
    if (!closing) throw error;
  };
  for (const each of [pool, admin]) each.on('error', onError);
  pool.on('connect', (client) => record(client, { statements, statementNames }));
  const open = (number: number) => {
    const access = new DirectAccess(directEngine(pool), { partition: partitionName('test'), epoch: epoch(number) });
    return { access, store: new PostgresStore(access, limits) };
  };
  const [stamp] = (
    await admin.query<{ epoch: number }>('SELECT max(epoch)::int AS epoch FROM imapcluster.repository_epoch')
  ).rows;
  const { access, store } = open(stamp?.epoch ?? 1);
  const mailboxes = [{ name: 'Sent', specialUse: ['\\Sent'] }];
  if (user !== undefined) {
    await store.createAccount({ operation: operation(), name: user, passwordHash: 'x', mailboxes }, attempt);
  }
  const inbox = await store.findMailbox('ada', 'INBOX', attempt);
  return {
    store,
    access,
    pool,
    database,
    inbox: inbox?.id ?? NOBODYS,
    statements,
    statementNames,
    sql: async <R extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await admin.query<R>(text, values)).rows,
    async atEpoch(number, { uidGap }) {
      const values = [number, uidGap];
      await admin.query(
        "INSERT INTO imapcluster.repository_epoch (epoch, uid_gap, member) VALUES ($1, $2, 'a1')",
        values,
      );
      return open(number).store;
    },
    append: (text, options) => appendText(store, text, options),
    collect: (limits) => collectable(access).collect(limits, attempt),
    collectableAt: (number) => collectable(open(number).access),
    verify: () => access.read((c) => verify(c, () => undefined), attempt),
    async close() {
      closing = true;
      await pool.end();
      await admin.end();
    },
  };
}

export const appendText = (store: PostgresStore, text: string | Buffer, options?: AppendOptions): Promise<Uid> =>
  appendStream(store, inPieces(Buffer.from(text)), options);

export async function appendStream(
  store: PostgresStore,
  source: AsyncIterable<Buffer>,
  { mailbox = 'INBOX', system = 0, keywords = [], operation: id = operation() }: AppendOptions = {},
): Promise<Uid> {
  const staged = await store.stage(source, { operation: id, ordinal: 0 }, attempt);
  const messages = [{ staged, flags: { system, keywords }, internalDate: new Date('2026-11-01T12:00:00Z') }];
  const outcome = await store.append({ operation: id, owner: 'ada', mailbox, messages }, attempt);
  const uid = outcome.kind === 'appended' ? outcome.uids[0] : undefined;
  if (uid === undefined) throw new Error(`APPEND: ${outcome.kind}`);
  return uid;
}

/** As a socket delivers: pieces of uneven size. */
export async function* inPieces(bytes: Buffer, size = 65_521): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

type Sent = { readonly text: string; readonly name?: string };

/** Counts what really goes to the server, whoever sends it. */
function record(client: pg.PoolClient, into: Pick<StoreFixture, 'statements' | 'statementNames'>): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const recorded = (...args: unknown[]): unknown => {
    const [first] = args as [string | Sent | { statements: Sent[] }];
    const sent = typeof first === 'string' ? { text: first } : first;
    for (const { text, name = text } of 'statements' in sent ? sent.statements : [sent]) {
      into.statements.push(text);
      into.statementNames.push(name);
    }
    return query(...args);
  };
  Object.assign(client, { query: recorded });
}
