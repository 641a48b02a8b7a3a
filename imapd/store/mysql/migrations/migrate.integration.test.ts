import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MysqlServer, startMysql } from '#database/mysql/test-support/mysql-server.ts';
import { mysqlServersHere } from '#database/mysql/test-support/servers-here.ts';
import { PATIENCE } from '../../apply-patiently.ts';
import { newestVersion, SchemaBusy, SchemaTooNew } from '../../schema-versions.ts';
import { connectTo, copyDatabase, createDatabase } from '../../test-support/mysql-database.ts';
import { batch, rows } from '../connection.ts';
import { LOCK_SLOTS } from '../operations/lock-slots.ts';
import { type Migration, migrations } from './all.ts';
import { migrate } from './migrate.ts';

const names = migrations.map((each) => each.name);

/** Promise: a schema comes to the newest version from wherever a migration was cut short, once, and never back. */
describe.each(mysqlServersHere)('%s', (name) => {
  let server: MysqlServer;
  beforeAll(async () => {
    server = await startMysql(name, ['--log-bin=b', '--server-id=1', '--binlog-format=ROW']);
  });
  afterAll(() => server?.stop());

  const description = async (database: string): Promise<unknown> => {
    const c = await connectTo(server, database, 'admin');
    const described = await batch(c, [
      {
        name: 'columns',
        text: `SELECT table_name AS t, column_name AS c, column_type AS type, is_nullable AS nullable, column_default AS d
          FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position`,
      },
      {
        name: 'keys',
        text: `SELECT table_name AS t, index_name AS k, column_name AS c FROM information_schema.statistics
          WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index`,
      },
      { name: 'slots', text: 'SELECT COUNT(*) AS n, MIN(slot) AS least, MAX(slot) AS most FROM lock_slot' },
      { name: 'validity', text: 'SELECT COUNT(*) AS n FROM uid_validity' },
      { name: 'versions', text: 'SELECT version, name FROM schema_version' },
    ]);
    await c.end();
    return described;
  };

  test('an empty database gets the newest schema, with what only ordinary rights make', async () => {
    await createDatabase(server, 'fresh');
    const c = await connectTo(server, 'fresh', 'write');
    expect(await migrate(c)).toEqual({ version: newestVersion, applied: [] });
    const made = await batch(c, [
      { name: 'triggers', text: 'SELECT * FROM information_schema.triggers WHERE trigger_schema = DATABASE()' },
      { name: 'routines', text: 'SELECT * FROM information_schema.routines WHERE routine_schema = DATABASE()' },
      { name: 'slots', text: 'SELECT COUNT(*) AS n FROM lock_slot' },
    ]);
    expect(made).toEqual([[], [], [{ n: LOCK_SLOTS }]]);
    await c.end();
  });

  test('a migration that was cut short anywhere is done again', async () => {
    await createDatabase(server, 'cut', { bare: true });
    const c = await connectTo(server, 'cut', 'write');
    const applied: Migration[] = [];
    for (const step of migrations) {
      for (let done = 0; done <= step.statements.length; done += 1) {
        const statements = [...step.statements.slice(0, done), { name: 'cut', text: 'SELECT * FROM cut_short' }];
        await expect(migrate(c, [...applied, { ...step, statements }])).rejects.toThrow('cut_short');
      }
      applied.push(step);
      expect(await migrate(c, applied)).toEqual({ version: step.version, applied: [step.name] });
    }
    expect(await migrate(c)).toEqual({ version: newestVersion, applied: [] });
    await c.end();
    expect(await description('cut')).toEqual(await description('fresh'));
  });

  test('a copy has what the first has', async () => {
    const c = await connectTo(server, 'fresh', 'write');
    const gone = `INSERT INTO tombstone (mailbox, uid, modseq, size, content, operation, internal_date)
      VALUES (x'00000000000000000000000000000001', 1, 1, 1, NULL, x'00000000000000000000000000000001', NOW(6))`;
    await rows(c, { name: 'put', text: gone });
    await copyDatabase(server, 'fresh', 'copied');
    expect(await description('copied')).toEqual(await description('fresh'));
    const d = await connectTo(server, 'copied', 'write');
    const read = { name: 'read', text: 'SELECT * FROM tombstone' };
    const [row] = await rows(d, read);
    expect(row).toMatchObject({ uid: 1, has_content: 0 });
    expect(row).toEqual((await rows(c, read))[0]);
    await Promise.all([c.end(), d.end()]);
  });

  test('of two who come at once one does it', async () => {
    await createDatabase(server, 'twice', { bare: true });
    const both = await Promise.all([connectTo(server, 'twice', 'write'), connectTo(server, 'twice', 'write')]);
    const reports = await Promise.all(both.map((c) => migrate(c)));
    expect(reports.map(({ applied }) => applied).sort()).toEqual([[], names]);
    for (const c of both) await c.end();
  });

  test('whoever never comes to an end is waited for, and then given up', async () => {
    await createDatabase(server, 'taken');
    const [holder, c] = await Promise.all([connectTo(server, 'taken', 'admin'), connectTo(server, 'taken', 'write')]);
    const lock = "GET_LOCK(CONCAT('imapcluster migrate ', LEFT(SHA2(DATABASE(), 256), 40)), 0)";
    expect(await rows(holder, { name: 'hold', text: `SELECT ${lock} AS locked` })).toEqual([{ locked: 1 }]);
    await expect(migrate(c, migrations, { ...PATIENCE, turnMs: 500 })).rejects.toThrow(/another session migrates/);
    await holder.end();
    expect(await migrate(c)).toEqual({ version: newestVersion, applied: [] });
    await c.end();
  });

  test('a newer schema is left alone', async () => {
    const c = await connectTo(server, 'fresh', 'write');
    await expect(migrate(c, [])).rejects.toThrow(SchemaTooNew);
    // The lock was let go of.
    expect(await migrate(c)).toEqual({ version: newestVersion, applied: [] });
    await c.end();
  });

  test('a table that somebody holds is waited for, and then given up', async () => {
    await createDatabase(server, 'busy');
    const text = 'ALTER TABLE account ADD COLUMN later BIGINT';
    const later = [...migrations, { version: newestVersion + 1, name: 'later', statements: [{ name: 'later', text }] }];
    const [holder, c] = await Promise.all([connectTo(server, 'busy', 'admin'), connectTo(server, 'busy', 'write')]);
    await batch(holder, [
      { name: 'begin', text: 'START TRANSACTION' },
      { name: 'hold', text: 'SELECT * FROM account' },
    ]);
    const patience = { ...PATIENCE, lockMs: 1_000, tries: 2, pauseMs: 10 };
    await expect(migrate(c, later, patience)).rejects.toThrow(SchemaBusy);
    await rows(holder, { name: 'let-go', text: 'ROLLBACK' });
    expect(await migrate(c, later, patience)).toEqual({ version: newestVersion + 1, applied: ['later'] });
    await Promise.all([holder.end(), c.end()]);
  });
});
