import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { defaultLimits, defaultRetention } from '../../store/collect/collect.ts';
import type { Dropped } from '../../store/signatures/dropped-signatures.ts';
import { attempt, operation, type StoreFixture } from '../../store/test-support/store-fixture.ts';
import type { Uid } from '../../store/types.ts';

// Promise: with signatures a search finds what it finds without, and reads only the messages that may match; they are made by
// searches, go with their contents, and none is left over.

const LARGE = 300_000;
const MESSAGES: readonly string[] = [
  ...Array.from({ length: 40 }, (_, n) => `Subject: note ${n}\r\n\r\nplain words number ${n}, nothing else\r\n`),
  'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nDer gro\xdfe B\xe4r schl\xe4ft\r\n',
  `Subject: tower\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from('<b>東京 Tower</b> invoice').toString('base64')}\r\n`,
  `Subject: large\r\n\r\n${'filling '.repeat(LARGE / 8)} the invoice at its end\r\n`,
  'Subject: invoices due\r\n\r\nyour invoice is due on Monday\r\n',
  'Subject: about the invoice\r\n\r\n\r\n',
];
/** As clients send octets that are no ASCII. */
function literal(text: string): string {
  const octets = Buffer.from(text);
  return `{${octets.length}+}\r\n${octets.toString('latin1')}`;
}

const KEYS: readonly string[] = [
  'BODY invoice',
  'TEXT INVOICE',
  'NOT BODY invoice',
  'NOT TEXT "due on"',
  'OR BODY Tower SUBJECT note',
  'BODY nowhere',
  'TEXT "note 3"',
  'BODY in',
  'BODY ""',
  'CHARSET UTF-8 BODY "GROSSE"',
  `CHARSET UTF-8 BODY ${literal('GROßE B')}`,
  `CHARSET UTF-8 TEXT ${literal('grüß')}`,
  `CHARSET UTF-8 BODY ${literal('東京')}`,
  'FUZZY BODY "invoices due"',
  'RETURN (RELEVANCY ALL) FUZZY BODY "invoices due"',
  'RETURN (RELEVANCY ALL) FUZZY (OR NOT BODY invoice BODY "due Monday")',
  'BODY invoice LARGER 200000',
];

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  let f: StoreFixture;
  let client: RawClient;
  const open: (ImapServer | RawClient)[] = [];
  const dropped: Dropped[] = [];

  async function opened(
    searchSignatures: boolean,
  ): Promise<{ readonly server: ImapServer; readonly client: RawClient }> {
    const started = await startImapServer({
      engine,
      storeLimits: { searchSignatures, onSignaturesDropped: (each) => dropped.push(each) },
    });
    for (const text of MESSAGES) await started.fixture.append(Buffer.from(text, 'latin1'));
    const connected = await RawClient.greeted(started.port);
    open.push(connected, started);
    await connected.command(`l LOGIN ada "${PASSWORD}"`);
    await connected.command('s SELECT INBOX');
    return { server: started, client: connected };
  }

  beforeAll(async () => {
    ({ server, client } = await opened(true));
    f = server.fixture;
  });
  afterAll(async () => {
    for (const each of open) await ('stop' in each ? each.stop() : each.close());
  });

  const search = (key: string, by = client) => by.command(`a SEARCH ${key}`);
  const count = async (table: string): Promise<number> =>
    Number((await f.sql<{ n: unknown }>(`SELECT count(*) AS n FROM mail.${table}`))[0]?.n);
  const signatures = () => count('text_signature');
  /** Statements that read whole messages while something is searched. */
  async function readsOf(key: string): Promise<{ readonly reads: number; readonly answer: readonly string[] }> {
    f.statementNames.length = 0;
    const answer = await search(key);
    return { reads: f.statementNames.filter((name) => / raw\b|^chunks/.test(name)).length, answer };
  }

  test('the first search reads everything, and signs it; another reads what may match', async () => {
    const plain = await opened(false);
    const first = await readsOf('BODY nowhere');
    expect(first.reads).toBeGreaterThan(0);
    await expect.poll(signatures).toBe(MESSAGES.length);
    expect(await readsOf('BODY nowhere')).toEqual({ ...first, reads: 0 });
    expect(await readsOf('BODY "else where"')).toEqual({ reads: 0, answer: ['* SEARCH', 'a OK SEARCH completed'] });
    for (const key of KEYS) expect(await search(key), key).toEqual(await search(key, plain.client));
    // Found in the small ones by one statement; the large one comes in pieces.
    expect((await readsOf('SMALLER 200000 BODY invoice')).reads).toBe(1);
    expect(await plain.server.fixture.sql('SELECT * FROM mail.text_signature')).toEqual([]);
  });

  test('what is younger than the signatures is found, and signed in its turn', async () => {
    await f.append('Subject: late\r\n\r\na latecomer\r\n');
    await client.command('n NOOP');
    const { answer } = await readsOf('BODY latecomer');
    expect(answer[0]).toBe(`* SEARCH ${MESSAGES.length + 1}`);
    await expect.poll(signatures).toBe(MESSAGES.length + 1);
  });

  test('one of older rules, or damaged, is made anew; one of a newer program is left alone', async () => {
    const whole = async () => await f.sql<{ body: Buffer }>('SELECT body FROM mail.text_signature ORDER BY content');
    const before = await whole();
    for (const [place, octet] of [
      [3, 0],
      [8, 0xff],
    ] as const) {
      for (const { body } of before) {
        const other = Buffer.from(body);
        other[place] = octet;
        await f.sql('UPDATE mail.text_signature SET body = ? WHERE body = ?', [other, body]);
      }
      expect((await readsOf('BODY invoice')).reads).toBeGreaterThan(0);
      await expect.poll(whole).toEqual(before);
      expect((await readsOf('BODY number')).answer[0]).toContain(' 40');
    }
    for (const { body } of before) {
      const newer = Buffer.from(body);
      newer[0] = 0xff;
      await f.sql('UPDATE mail.text_signature SET body = ? WHERE body = ?', [newer, body]);
    }
    const kept = await whole();
    const operations = await count('operation');
    expect((await readsOf('BODY nowhere')).reads).toBeGreaterThan(0);
    expect((await readsOf('BODY latecomer')).answer[0]).toMatch(/^\* SEARCH \d+$/);
    expect(await whole()).toEqual(kept);
    expect(await count('operation')).toBe(operations);
    for (const [at, { body }] of before.entries())
      await f.sql('UPDATE mail.text_signature SET body = ? WHERE body = ?', [body, kept[at]?.body]);
  });

  test('none is stored of a message whose content goes meanwhile', async () => {
    const uid = await f.append('Subject: short-lived\r\n\r\n\r\n');
    const [before, done] = [await signatures(), await count('operation')];
    const collector = await f.session();
    await collector.sql('BEGIN');
    const [row] = await collector.sql<{ content: unknown }>('SELECT content FROM mail.message WHERE uid = ?', [uid]);
    await collector.sql('DELETE FROM mail.message WHERE uid = ?', [uid]);
    await collector.sql('DELETE FROM mail.content WHERE id = ?', [row?.content]);
    const made = [{ uid, header: Buffer.alloc(8), body: Buffer.alloc(8) }];
    f.store.signatures()?.note(f.inbox, { excluded: 0, passed: 0, missing: 1, made });
    await expect.poll(() => f.waiting()).toBeGreaterThan(0);
    await collector.sql('COMMIT');
    await collector.end();
    await expect.poll(() => count('operation')).toBe(done + 1);
    expect(await signatures()).toBe(before);
  });

  test('what waits to be stored is bounded', async () => {
    const body = Buffer.alloc(1024 * 1024);
    const uids = MESSAGES.slice(0, 12).map((_, at) => (at + 1) as Uid);
    const made = uids.map((uid) => ({ uid, header: Buffer.alloc(8), body }));
    dropped.length = 0;
    f.store.signatures()?.note(f.inbox, { excluded: 0, passed: 0, missing: 12, made });
    expect(dropped).toEqual([{ messages: 5, error: null }]);
    const large = async () => (await f.sql('SELECT content FROM mail.text_signature WHERE body = ?', [body])).length;
    await expect.poll(large, { timeout: 20_000, interval: 200 }).toBe(7);
    await search('BODY nowhere');
    await expect.poll(large, { timeout: 20_000, interval: 200 }).toBe(0);
    expect(await large()).toBe(0);
  });

  test('they go with their contents', async () => {
    const uids = Array.from({ length: MESSAGES.length + 1 }, (_, at) => (at + 1) as Uid);
    await f.store.expunge({ operation: operation(), mailbox: f.inbox, uids, onlyDeleted: false }, attempt);
    const retention = { ...defaultRetention, content: 0 };
    await f.collect({ ...defaultLimits, retention });
    expect(await signatures()).toBe(0);
    const ofSizes = (await f.verify()).filter(({ check }) => check === 'signatures of no content');
    expect(ofSizes).toEqual([]);
  });

  test('where they cannot be stored, searches find what they find', async () => {
    await f.append('Subject: lost\r\n\r\nwithout a writer\r\n');
    await client.command('n NOOP');
    await f.atEpoch(2, { uidGap: 0 });
    dropped.length = 0;
    f.statements.length = 0;
    for (let times = 0; times < 2; times++) expect((await search('BODY writer'))[0]).toMatch(/^\* SEARCH \d+$/);
    // Refused at the door, and given up.
    await expect.poll(() => f.statements.some((text) => /rollback/i.test(text))).toBe(true);
    expect(await signatures()).toBe(0);
    // Of both searches.
    await expect.poll(() => dropped.reduce((sum, { messages }) => sum + messages, 0)).toBe(2);
    expect(dropped[0]?.error).toBeInstanceOf(Error);
  });
});
