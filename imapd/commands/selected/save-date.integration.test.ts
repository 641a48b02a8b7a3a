import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { mailSchema } from '../../store/postgres/migrations/0001-mail-schema.ts';
import { saveDate } from '../../store/postgres/migrations/0003-save-date.ts';

// Promise (RFC 8514): the save date is when a message came into the mailbox it is in, however it came; it never changes
// there, can be searched for, and messages from before it was kept have one too.

let server: ImapServer;
let client: RawClient;
let boxes = 0;
let box: string;

beforeAll(async () => {
  server = await startImapServer();
});
afterAll(() => server?.stop());
beforeEach(async () => {
  box = `box${boxes++}`;
  client = await RawClient.greeted(server.port);
  await client.command(`l LOGIN ada "${PASSWORD}"`);
  await client.command(`c CREATE ${box}`);
  await client.command(`c CREATE ${box}/target`);
  return () => client.close();
});

async function append(): Promise<void> {
  client.send(`a APPEND ${box} "17-Jul-1996 02:44:25 -0700" {3+}\r\nabc\r\n`);
  expect((await client.readTagged('a')).at(-1)).toMatch(/^a OK/);
}

/** As if it had been saved at another time. */
const saveAt = (date: string, uid = 1): Promise<unknown> =>
  server.fixture.sql(
    `UPDATE mail.message m SET saved_at = $1 FROM mail.mailbox b WHERE b.id = m.mailbox AND b.name = $2 AND m.uid = $3`,
    [date, box, uid],
  );

async function saveDateOf(sequence = 1): Promise<number> {
  const [line] = await client.command(`f FETCH ${sequence} (SAVEDATE)`);
  const [, day, month, year, time] = /SAVEDATE "([ \d]\d)-(\w{3})-(\d{4}) ([\d:]{8}) \+0000"/.exec(line ?? '') ?? [];
  return Date.parse(`${day} ${month} ${year} ${time} UTC`);
}
const HOUR = 3_600_000;
const recent = (at: number): boolean => Math.abs(Date.now() - at) < HOUR;

test('APPEND saves now, whatever its date says (3)', async () => {
  await append();
  await client.command(`s SELECT ${box}`);
  expect(recent(await saveDateOf())).toBe(true);
  const lines = await client.command('f FETCH 1 (INTERNALDATE SAVEDATE UID)');
  expect(lines[0]).toMatch(/^\* 1 FETCH \(INTERNALDATE "17-Jul-1996 09:44:25 \+0000" SAVEDATE "[^"]+" UID 1\)$/);
});

test.each(['COPY', 'MOVE'])('%s saves anew, and the source keeps what it had (3)', async (how) => {
  await append();
  await append();
  await saveAt('2001-02-03T04:05:06Z', 1);
  await saveAt('2001-02-03T04:05:06Z', 2);
  await client.command(`s SELECT ${box}`);
  await client.command(`c ${how} 1 ${box}/target`);
  const kept = how === 'COPY' ? 2 : 1;
  expect(await saveDateOf(kept)).toBe(Date.parse('2001-02-03T04:05:06Z'));
  await client.command(`s SELECT ${box}/target`);
  expect(recent(await saveDateOf())).toBe(true);
});

test('changes of a message leave it alone, and so does RENAME (3)', async () => {
  await append();
  await saveAt('2001-02-03T04:05:06Z');
  await client.command(`s SELECT ${box}`);
  await client.command('t STORE 1 +FLAGS (\\Flagged $Work)');
  await client.command(`r RENAME ${box} ${box}-renamed`);
  await client.command(`s SELECT ${box}-renamed`);
  expect(await saveDateOf()).toBe(Date.parse('2001-02-03T04:05:06Z'));
});

test('a message that others expunged meanwhile still has it', async () => {
  await append();
  await saveAt('2001-02-03T04:05:06Z');
  await client.command(`s SELECT ${box}`);
  const other = await RawClient.greeted(server.port);
  await other.command(`l LOGIN ada "${PASSWORD}"`);
  await other.command(`s SELECT ${box}`);
  await other.command('t STORE 1 +FLAGS.SILENT (\\Deleted)');
  await other.command('e EXPUNGE');
  other.close();
  expect(await saveDateOf()).toBe(Date.parse('2001-02-03T04:05:06Z'));
});

test('SEARCH by the day (4.3)', async () => {
  for (const [uid, date] of ['2014-12-27T23:59:59Z', '2014-12-28T12:00:00Z', '2014-12-29T00:00:00Z'].entries()) {
    await append();
    await saveAt(date, uid + 1);
  }
  await client.command(`s SELECT ${box}`);
  expect(await client.command('q SEARCH SAVEDBEFORE 28-Dec-2014')).toContain('* SEARCH 1');
  expect(await client.command('q SEARCH SAVEDON 28-Dec-2014')).toContain('* SEARCH 2');
  expect(await client.command('q SEARCH SAVEDSINCE 28-Dec-2014')).toContain('* SEARCH 2 3');
  expect(await client.command('q SEARCH SAVEDATESUPPORTED')).toContain('* SEARCH 1 2 3');
  expect(await client.command('q SEARCH NOT SAVEDATESUPPORTED')).toContain('* SEARCH');
  expect(await client.command('q SEARCH SAVEDSINCE 28-Dec-2014 BEFORE 1-Jan-1997')).toContain('* SEARCH 2 3');
});

test('a database from before it was kept: its messages count as saved at the migration, all rows unwritten', async () => {
  const { sql } = server.fixture;
  const inOldSchema = mailSchema.replaceAll('mail.', 'old_mail.');
  await sql('CREATE SCHEMA old_mail');
  await sql(inOldSchema);
  const insert = (uid: number): Promise<unknown> =>
    sql(
      `INSERT INTO old_mail.message (mailbox, content, operation, uid, modseq, keywords, size, internal_date, flags)
       VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), $1, 1, 0, 1, '1996-07-17', 0)`,
      [uid],
    );
  await insert(1);
  const file = async (): Promise<unknown> =>
    (await sql(`SELECT pg_relation_filenode('old_mail.message') AS file`))[0]?.file;
  const before = await file();
  await sql(saveDate.replaceAll('mail.', 'old_mail.'));
  expect(await file()).toBe(before);
  await insert(2);
  const dates = await sql<{ saved_at: Date }>('SELECT saved_at FROM old_mail.message ORDER BY uid');
  expect(dates.map(({ saved_at }) => recent(saved_at.getTime()))).toEqual([true, true]);
  expect(await sql('SELECT count(DISTINCT saved_at)::int AS dates FROM old_mail.message')).toEqual([{ dates: 2 }]);
});
