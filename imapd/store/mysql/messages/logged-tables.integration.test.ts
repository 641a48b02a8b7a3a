import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import type { Row } from '#database/mysql/connection/statement.ts';
import { type MysqlServer, startMysql } from '#database/mysql/test-support/mysql-server.ts';
import { mysqlServersHere } from '#database/mysql/test-support/servers-here.ts';
import type { Expunge, Store } from '../../store.ts';
import { connectTo, createDatabase } from '../../test-support/mysql-database.ts';
import { openDatabase } from '../../test-support/open-mysql-store.ts';
import { attempt, operation, type StoreFixture } from '../../test-support/store-fixture.ts';
import { type FlagChange, systemFlags, type Uid } from '../../types.ts';

type Case = readonly [
  string,
  (on: {
    readonly store: Store;
    readonly append: () => Promise<Uid>;
    readonly about: Pick<Expunge, 'operation' | 'mailbox' | 'uids'>;
  }) => Promise<unknown>,
  readonly string[],
];

const seen: FlagChange = { mode: 'add', system: systemFlags['\\Seen'], keywords: [] };

/**
 * Promise: no change writes to a table more than once, nor to one that it has no need of: replicas apply the log by table and statement,
 * and each is a pair of events in it.
 */
describe.each(mysqlServersHere)('%s', (name) => {
  let server: MysqlServer;
  let admin: MysqlConnection;
  let fixture: StoreFixture;

  beforeAll(async () => {
    server = await startMysql(name, ['--log-bin=bin', '--server-id=1', '--binlog-format=ROW']);
    await createDatabase(server, 'logged');
    admin = await connectTo(server, 'logged', 'admin');
    fixture = await openDatabase(server, 'logged', { user: 'ada' });
  });
  afterAll(async () => {
    await fixture?.close();
    admin?.abandon();
    await server?.stop();
  });

  const ask = async (text: string): Promise<readonly Row[]> =>
    (await admin.batch([{ name: 'test', text }]))[0]?.rows ?? [];
  const status = name.startsWith('mysql') ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS';

  /** The tables that are written to, in the order of the log. */
  async function loggedBy(work: () => Promise<unknown>): Promise<readonly string[]> {
    const [from] = await ask(status);
    await work();
    const events = await ask(`SHOW BINLOG EVENTS IN '${String(from?.File)}' FROM ${String(from?.Position)}`);
    return events
      .filter(({ Event_type }) => Event_type === 'Table_map')
      .map(({ Info }) => /\(logged\.(\w+)\)/.exec(String(Info))?.[1] ?? String(Info));
  }

  const sent = { owner: 'ada', to: 'Sent', move: false };

  test.each<Case>([
    ['APPEND', ({ append }) => append(), ['content', 'chunk', 'mailbox', 'usage_of', 'message', 'operation']],
    [
      'STORE',
      ({ store, about }) => store.storeFlags({ ...about, change: seen, unchangedSince: null }, attempt),
      ['mailbox', 'message', 'operation'],
    ],
    [
      'COPY',
      ({ store, about: { mailbox: from, ...about } }) => store.copy({ ...about, ...sent, from }, attempt),
      ['message', 'mailbox', 'usage_of', 'operation'],
    ],
    [
      'EXPUNGE',
      ({ store, about }) => store.expunge({ ...about, onlyDeleted: false }, attempt),
      ['tombstone', 'message', 'mailbox', 'usage_of', 'operation'],
    ],
  ])('%s', async (_, work, tables) => {
    const { store, inbox: mailbox } = fixture;
    const append = () => fixture.append('Subject: hello\r\n\r\nsome text\r\n');
    const uids = [await append(), await append()];
    const about = { operation: operation(), mailbox, uids };
    expect(await loggedBy(() => work({ store, append, about }))).toEqual(tables);
  });
});
