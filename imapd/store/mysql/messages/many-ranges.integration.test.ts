import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { epoch, partitionName } from '#contract/names.ts';
import { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { type MysqlServer, startMysql } from '#database/mysql/test-support/mysql-server.ts';
import { mysqlServersHere } from '#database/mysql/test-support/servers-here.ts';
import { DirectAccess } from '../../direct-access.ts';
import { connectTo, createDatabase, mysqlLender } from '../../test-support/mysql-database.ts';
import { attempt, collect, operation } from '../../test-support/store-fixture.ts';
import type { MailboxId, ModSeq, Uid } from '../../types.ts';
import type { Connection, Statement } from '../connection.ts';
import { directEngine } from '../direct-engine.ts';
import { MysqlStore } from '../mysql-store.ts';
import { verify } from '../verify.ts';

// Promise: whatever set of messages is named, each of them is found by its key, and none is forgotten or told twice. The set here is
// every second message of a large mailbox: as many ranges as messages.

const MESSAGES = 40_000;
const BOX = '00010203-0405-0607-0809-0a0b0c0d0e0f' as MailboxId;

describe.each(mysqlServersHere)('%s', (name) => {
  let server: MysqlServer;
  let admin: MysqlConnection;
  let store: MysqlStore;
  let access: DirectAccess<Connection>;
  let end: () => Promise<void>;
  const sent: Statement[] = [];
  /** What was not to be, of what was sent. */
  const otherwise: string[] = [];
  const every = (n: number): Uid[] => Array.from({ length: MESSAGES / n }, (_, i) => (i * n + 1) as Uid);

  beforeAll(async () => {
    server = await startMysql(name);
    await createDatabase(server, 'large');
    admin = await connectTo(server, 'large', 'admin');
    for (const text of fill) await admin.batch([{ name: 'fill', text }]);
    const lender = mysqlLender(server, 'large');
    end = () => lender.end();
    await admin.batch([{ name: 'set', text: 'SET @modseq = 1' }]);
    const lend = async () => {
      const lent = await lender.lend();
      const batch = async (statements: readonly Statement[]): ReturnType<MysqlConnection['batch']> => {
        sent.push(...statements);
        otherwise.push(...(await notByUid(statements)));
        return await MysqlConnection.prototype.batch.call(lent.connection, statements);
      };
      Object.assign(lent.connection, { batch });
      return lent;
    };
    access = new DirectAccess(directEngine(lend), { partition: partitionName('test'), epoch: epoch(1) });
    store = new MysqlStore(access);
  });
  afterAll(async () => {
    await end?.();
    admin?.abandon();
    await server?.stop();
  });

  /** How the server would find the messages of each statement, where it says so other than by mailbox and UID. */
  const notByUid = async (statements: readonly Statement[]): Promise<readonly string[]> => {
    const how = admin.flavour === 'mysql' ? 'EXPLAIN FORMAT=TRADITIONAL' : 'EXPLAIN';
    const bad: string[] = [];
    for (const { take: _, ...each } of statements.filter(({ text }) => /\buid (?:IN|BETWEEN)\b/.test(text))) {
      const text = `${how} ${each.text.replace(/\bINTO @\w+(?:, @\w+)*/, '')}`;
      const [answer] = await admin.batch([{ ...each, text }]);
      const plan = (answer?.rows ?? []) as unknown as readonly Plan[];
      const walked = plan.filter(({ table }) => table === 'message');
      if (walked.length === 0 || !walked.every(isByUid)) bad.push(`${each.name}: ${JSON.stringify(plan)}`);
    }
    return bad;
  };

  test('STORE', async () => {
    const request = { mailbox: BOX, uids: every(2), unchangedSince: null };
    const change = { mode: 'add', system: 1, keywords: [] } as const;
    const stored = await store.storeFlags({ ...request, operation: operation(), change }, attempt);
    expect(sent.at(-1)?.name).toBe('commit');
    expect(sent.filter(({ name: each }) => each === 'begin')).toHaveLength(1);
    if (stored.kind !== 'stored') throw new Error(stored.kind);
    expect(stored.rows.count).toBe(MESSAGES / 2);
    expect([...stored.rows.uids]).toEqual(every(2));
    expect(stored.rows.flags.every((flags) => flags === 1)).toBe(true);
    expect(sent.length).toBeGreaterThan(10);
    expect(otherwise).toEqual([]);
    // Or else this would tell nothing.
    const variable = admin.flavour === 'mysql' ? 'range_optimizer_max_mem_size' : 'optimizer_max_sel_arg_weight';
    const [{ rows: [before] = [] } = {}] = await admin.batch([{ name: 'get', text: `SELECT @@${variable} AS v` }]);
    await admin.batch([{ name: 'set', text: `SET SESSION ${variable} = 1000` }]);
    expect((await notByUid(sent)).length).toBeGreaterThanOrEqual(10);
    await admin.batch([{ name: 'set', text: `SET SESSION ${variable} = ?`, values: [before?.v as number] }]);
  });

  test('STORE (UNCHANGEDSINCE …) tells each that was changed', async () => {
    const { highestModSeq } = (await store.newestOf([BOX], attempt)).get(BOX) ?? {};
    // 1:15,17:31 and so on, in two statements.
    const uids = every(1).filter((uid) => uid % 16 !== 0);
    const request = { mailbox: BOX, uids, unchangedSince: ((highestModSeq ?? 0) - 1) as ModSeq };
    const change = { mode: 'add', system: 2, keywords: [] } as const;
    const id = operation();
    sent.length = 0;
    const stored = await store.storeFlags({ ...request, operation: id, change }, attempt);
    expect(stored).toMatchObject({ kind: 'stored', modSeq: (highestModSeq ?? 0) + 1, modified: every(2) });
    if (stored.kind === 'stored')
      expect(stored.rows.flags.filter((flags) => flags === 2)).toHaveLength(uids.length - MESSAGES / 2);
    expect(otherwise).toEqual([]);
    // At once, and no statement has more ranges than a server takes in good time.
    expect(sent.filter(({ name: each }) => each === 'begin')).toHaveLength(1);
    expect(Math.max(...sent.map(({ text }) => text.split(' BETWEEN ').length - 1))).toBe(2_000);
    // What is kept of it says the same.
    expect(await store.storeFlags({ ...request, operation: id, change }, attempt)).toMatchObject({
      modified: every(2),
    });
  });

  test('FETCH', async () => {
    const fields = new Set(['size', 'raw', 'header'] as const);
    const batches = await collect(store.readMessages({ mailbox: BOX, uids: every(2), fields }, attempt));
    expect(batches.flat().map(({ uid }) => uid)).toEqual(every(2));
    expect(batches.flat().every(({ raw }) => raw?.toString() === 'mail')).toBe(true);
    expect(otherwise).toEqual([]);
  });

  test('EXPUNGE', async () => {
    const { highestModSeq } = (await store.newestOf([BOX], attempt)).get(BOX) ?? {};
    const since = highestModSeq ?? (0 as ModSeq);
    const id = operation();
    const request = { mailbox: BOX, uids: every(2), onlyDeleted: false, operation: id };
    const expunged = await store.expunge(request, attempt);
    expect(expunged).toEqual({ kind: 'expunged', uids: every(2), modSeq: since + 1 });
    expect(otherwise).toEqual([]);
    expect(await store.expunge(request, attempt)).toEqual(expunged);
    expect(await store.loadChanges(BOX, since, attempt)).toMatchObject({ expunged: every(2), rows: { count: 0 } });
    expect([...((await store.loadExpunges(BOX, since, attempt))?.uids ?? [])]).toEqual(every(2));
    const view = await store.loadView(BOX, attempt);
    expect([...(view?.rows.uids ?? [])]).toEqual(every(2).map((uid) => uid + 1));
    expect(await access.read((c) => verify(c, () => undefined), attempt)).toEqual([]);
  });
});

type Plan = {
  readonly table: string | null;
  readonly type: string | null;
  readonly key: string | null;
  readonly key_len: string | null;
};
/** Octets of the key: 16 of the mailbox, 8 of the UID. */
const isByUid = ({ type, key, key_len }: Plan): boolean => type === 'range' && key === 'PRIMARY' && key_len === '24';

const box = `x'${BOX.replaceAll('-', '')}'`;
const numbers = Array.from({ length: 10 }, (_, n) => `SELECT ${n} AS n`).join(' UNION ALL ');
/** 0 and up. */
const many = `(SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n AS n
  FROM (${numbers}) a, (${numbers}) b, (${numbers}) c, (${numbers}) d, (${numbers}) e) s WHERE n < ${MESSAGES}`;

/** All of them have one content. */
const fill: readonly string[] = [
  `INSERT INTO mailbox (id, epoch, uid_validity, uid_next, modseq, messages, unseen, size, owner, name)
    VALUES (${box}, 1, 7, ${MESSAGES + 1}, 1, ${MESSAGES}, ${MESSAGES}, ${4 * MESSAGES}, 'ada', 'INBOX')`,
  `INSERT INTO usage_of (owner, storage, messages, mailboxes) VALUES ('ada', ${4 * MESSAGES}, ${MESSAGES}, 1)`,
  `INSERT INTO content (id, size, chunks, hash, envelope, body, body_structure, part_index, header)
    VALUES (${box}, 4, 1, UNHEX(SHA2('mail', 256)), '', '', '', '', '')`,
  `INSERT INTO chunk (content, number, hash, data) VALUES (${box}, 0, UNHEX(SHA2('mail', 256)), 'mail')`,
  `INSERT INTO message (mailbox, uid, modseq, keywords, size, internal_date, flags, content, operation)
    SELECT ${box}, n + 1, 1, 0, 4, NOW(), 0, ${box}, ${box} FROM ${many}`,
  'ANALYZE TABLE message, tombstone, content, chunk',
];
