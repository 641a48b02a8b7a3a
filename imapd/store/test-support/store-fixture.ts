import { randomUUID } from 'node:crypto';
import type { Attempt } from '../../routing/repository-access.ts';
import type { Collected, CollectLimits } from '../collect/collect.ts';
import type { Collectable } from '../collect/collect-periodically.ts';
import type { Memory, Tail } from '../salvage/tail-began.ts';
import type { Store } from '../store.ts';
import type { MailboxId, OperationId, Uid } from '../types.ts';
import type { Difference } from '../verify.ts';

export const attempt: Attempt = { signal: new AbortController().signal };
export const operation = (): OperationId => randomUUID() as OperationId;

/** A store on a database of its own, with the user `ada` and her INBOX. */
export type StoreFixture = {
  readonly store: Store;
  readonly database: string;
  readonly inbox: MailboxId;
  /** Texts of all statements so far, in the order they were sent. */
  readonly statements: string[];
  /** The names of the same; one without a name is called by its text. */
  readonly statementNames: string[];
  /** How many of them went together, each time, where no statement goes before the answer to those ahead of it: MariaDB and MySQL. */
  readonly packets: number[];
  /**
   * As the superuser. In the SQL that all engines have: `mail.x` for a table, `?` for a value, numbers to be read by `Number`; or, in a
   * test of one engine, in its own.
   */
  readonly sql: RunSql;
  /** A session of its own, as the store's user: for transactions that are in the way. */
  session(): Promise<{ readonly sql: RunSql; end(): Promise<void> }>;
  /** Sessions that wait for a lock right now. */
  waiting(): Promise<number>;
  /** Deadlocks that the server has had in this database. */
  deadlocks(): Promise<number>;
  /** The same database at another epoch: what an imapd does after a retarget. */
  atEpoch(number: number, options: { readonly uidGap: number }): Promise<Store>;
  append(text: string | Buffer, options?: AppendOptions): Promise<Uid>;
  collect(limits: CollectLimits): Promise<Collected>;
  /** What the collector is given of the database, for one epoch. */
  collectableAt(number: number): Collectable;
  /** Differences between numbers and the rows they stand for. */
  verify(): Promise<readonly Difference[]>;
  /** As salvage asks it of an old primary. */
  tailBegan(memory: Memory): Promise<Tail>;
  close(): Promise<void>;
};

type RunSql = <R extends object = Record<string, unknown>>(text: string, values?: unknown[]) => Promise<R[]>;

export type AppendOptions = {
  readonly mailbox?: string;
  readonly system?: number;
  readonly keywords?: readonly string[];
  readonly operation?: OperationId;
};

let databases = 0;

export const newDatabaseName = (): string => `imap_${process.pid}_${databases++}`;

/** With INBOX, Sent and `mailboxes`. */
export async function addUser(store: Store, name: string, mailboxes: readonly string[] = []): Promise<void> {
  const made = [
    { name: 'Sent', specialUse: ['\\Sent'] },
    ...mailboxes.map((mailbox) => ({ name: mailbox, specialUse: [] })),
  ];
  await store.createAccount({ operation: operation(), name, passwordHash: 'x', mailboxes: made }, attempt);
}

/** Where a database has no `ada` yet. */
const NOBODYS = '00000000-0000-0000-0000-000000000000' as MailboxId;

export const inboxOf = async (store: Store): Promise<MailboxId> =>
  (await store.findMailbox('ada', 'INBOX', attempt))?.id ?? NOBODYS;

export const appendText = (store: Store, text: string | Buffer, options?: AppendOptions): Promise<Uid> =>
  appendStream(store, inPieces(Buffer.from(text)), options);

export async function appendStream(
  store: Store,
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
