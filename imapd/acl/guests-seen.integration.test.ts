import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../session/test-support/imap-server.ts';
import { RawClient } from '../session/test-support/raw-client.ts';

// Promise (RFC 4314, 2.1): with `seen: perUser` a guest has \Seen of his own in whatever tells or takes flags, in all his sessions, and the
// owner does not see it; the right `s` governs it as ever. With `shared`, the default, \Seen is the mailbox's.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  let together: ImapServer;
  let owner: RawClient;
  let guest: RawClient;
  let users = 0;
  let [ann, bob, box] = ['', '', ''];

  beforeAll(async () => {
    server = await startImapServer({ engine, sharing: { seen: 'perUser', anyone: 'allow' } });
    together = await startImapServer({ engine, sharing: { unknownUsers: 'accept' } });
  });
  afterAll(async () => {
    await server?.stop();
    await together?.stop();
  });
  beforeEach(async () => {
    [ann, bob] = [`ann${users}`, `bob${users++}`];
    [owner, guest] = [await newUser(ann), await newUser(bob)];
    box = `"Other Users/${ann}/box"`;
    await fill(owner);
    await answers(owner, `SETACL box ${bob} lrswite`);
    await answers(guest, `SELECT ${box}`);
    await answers(owner, 'SELECT box');
    return async () => expect(await server.fixture.verify()).toEqual([]);
  });

  async function fill(client: RawClient): Promise<void> {
    await answers(client, 'CREATE box');
    for (const [n, flags] of [
      [1, ' (\\Seen)'],
      [2, ''],
      [3, ''],
    ] as const) {
      await answers(client, `APPEND box${flags} {13+}\r\nn: ${n}\r\n\r\nbody${n}`);
    }
  }
  async function newUser(name: string, at: ImapServer = server): Promise<RawClient> {
    await at.addUser(name);
    return await signedIn(name, at);
  }
  async function signedIn(name: string, at: ImapServer = server): Promise<RawClient> {
    const client = await RawClient.greeted(at.port);
    expect((await client.command(`in LOGIN ${name} "${PASSWORD}"`)).at(-1)).toMatch(/^in OK/);
    return client;
  }
  async function answers(client: RawClient, command: string): Promise<string[]> {
    const lines = await client.command(`a ${command}`);
    expect(lines.at(-1), command).toMatch(/^a OK/);
    return lines.slice(0, -1);
  }
  const last = async (client: RawClient, command: string): Promise<string> =>
    (await client.command(`a ${command}`)).at(-1) ?? '';
  /** Message numbers with \Seen. */
  const seen = async (client: RawClient): Promise<string> =>
    (await answers(client, 'SEARCH RETURN (ALL) SEEN'))[0]?.match(/ALL (\S+)/)?.[1] ?? '';
  const flags = async (client: RawClient): Promise<string[]> =>
    (await answers(client, 'FETCH 1:* FLAGS')).map((line) => line.match(/FLAGS \(([^)]*)\)/)?.[1] ?? line);

  test('a guest begins with nothing seen; what he reads, marks and unmarks is his alone', async () => {
    expect([await seen(owner), await seen(guest)]).toEqual(['1', '']);
    expect((await answers(guest, 'FETCH 2 BODY[TEXT]')).join()).toContain('FLAGS (\\Seen');
    await answers(guest, 'STORE 3 +FLAGS (\\Seen \\Flagged)');
    expect([await seen(owner), await seen(guest)]).toEqual(['1', '2:3']);
    expect((await flags(owner))[2]).toMatch(/^\\Flagged/);
    await answers(guest, 'STORE 2 -FLAGS (\\Seen)');
    await answers(owner, 'STORE 1,2 +FLAGS.SILENT (\\Seen)');
    expect([await seen(owner), await seen(guest)]).toEqual(['1:2', '3']);
    // FETCH and the answer to STORE tell the same as SEARCH.
    expect((await flags(guest)).map((each) => each.includes('\\Seen'))).toEqual([false, false, true]);
    expect((await answers(guest, 'STORE 1 FLAGS (\\Seen)')).join()).toContain('FLAGS (\\Seen');
    expect(await seen(guest)).toBe('1,3');
  });

  test('STATUS, and LIST that returns it, count what he has not seen; SELECT tells the first of them', async () => {
    await answers(guest, 'STORE 1 +FLAGS (\\Seen)');
    await answers(guest, 'STORE 3 +FLAGS (\\Seen)');
    const status = async (client: RawClient, mailbox: string) =>
      await answers(client, `STATUS ${mailbox} (MESSAGES UNSEEN)`);
    expect((await status(guest, box))[0]).toContain('(MESSAGES 3 UNSEEN 1)');
    expect((await status(owner, 'box'))[0]).toContain('(MESSAGES 3 UNSEEN 2)');
    const listed = await answers(guest, 'LIST "" "*" RETURN (STATUS (UNSEEN))');
    expect(listed).toContain(`* STATUS ${box} (UNSEEN 1)`);
    expect(await answers(owner, 'LIST "" "box" RETURN (STATUS (UNSEEN))')).toContain('* STATUS box (UNSEEN 2)');
    await answers(guest, 'UNSELECT');
    expect(await answers(guest, `SELECT ${box}`)).toContainEqual(expect.stringContaining('[UNSEEN 2]'));
  });

  test('his other sessions are told at once, with a mod-sequence; nobody else is told anything', async () => {
    const other = await signedIn(bob);
    const eve = await newUser(`eve${users}`);
    await answers(owner, `SETACL box eve${users} lrs`);
    await answers(other, 'ENABLE CONDSTORE');
    for (const client of [other, eve]) await answers(client, `SELECT ${box}`);
    await answers(owner, 'ENABLE CONDSTORE');
    const highest = (await answers(owner, 'STATUS box (HIGHESTMODSEQ)'))[0]?.match(/HIGHESTMODSEQ (\d+)/)?.[1];
    await answers(guest, 'UID STORE 2 +FLAGS.SILENT (\\Seen)');
    const [told] = (await answers(other, 'NOOP')).filter((line) => line.includes('FETCH'));
    const modSeq = Number(told?.match(/MODSEQ \((\d+)\)/)?.[1]);
    expect(told).toMatch(/^\* 2 FETCH \(UID 2 FLAGS \([^)]*\\Seen[^)]*\) MODSEQ \(\d+\)\)/);
    expect(modSeq).toBeGreaterThan(Number(highest));
    for (const client of [owner, eve]) expect((await answers(client, 'NOOP')).join()).not.toContain('FETCH');
    // Who was away learns by it what he missed.
    expect(
      (await answers(other, `FETCH 1:* (FLAGS) (CHANGEDSINCE ${highest})`)).map((line) => line.slice(0, 9)),
    ).toEqual(['* 2 FETCH']);
    expect(await answers(owner, `FETCH 1:* (FLAGS) (CHANGEDSINCE ${highest})`)).toEqual([]);
    expect(await last(other, `STORE 2,3 (UNCHANGEDSINCE ${highest}) -FLAGS (\\Seen)`)).toContain('[MODIFIED 2]');
  });

  test('in IDLE a second session of his is told', async () => {
    const other = await signedIn(bob);
    await answers(other, `SELECT ${box}`);
    other.send('i IDLE\r\n');
    await other.readLine();
    await answers(guest, 'STORE 1 +FLAGS (\\Seen)');
    expect(await other.readLine()).toMatch(/^\* 1 FETCH \(.*\\Seen/);
    other.send('DONE\r\n');
  });

  test('copies have what he has seen; what he appends is seen by him alone', async () => {
    await answers(guest, 'STORE 2 +FLAGS (\\Seen)');
    await answers(guest, 'CREATE own');
    await answers(guest, 'COPY 1:2 own');
    await answers(guest, `COPY 1:2 ${box}`);
    await answers(guest, `APPEND ${box} (\\Seen) {13+}\r\nn: 6\r\n\r\nbody6`);
    await answers(guest, 'NOOP');
    expect(await seen(guest)).toBe('2,5:6');
    await answers(owner, 'NOOP');
    expect(await seen(owner)).toBe('1');
    await answers(guest, 'SELECT own');
    expect(await seen(guest)).toBe('2');
    await answers(guest, `COPY 1:2 ${box}`);
    await answers(guest, `SELECT ${box}`);
    expect(await seen(guest)).toBe('2,5:6,8');
  });

  test('a search in several mailboxes goes by what he has seen in each', async () => {
    await answers(guest, 'STORE 3 +FLAGS (\\Seen)');
    await answers(guest, 'UNSELECT');
    const [found] = await answers(guest, `ESEARCH IN (mailboxes ${box}) RETURN (ALL) SEEN`);
    expect(found).toMatch(/ALL 3$/);
  });

  test('the right `s` governs it: without it nothing is marked, by reading neither', async () => {
    await answers(owner, `SETACL box ${bob} lrwi`);
    expect((await answers(guest, `SELECT ${box}`)).find((line) => line.includes('PERMANENTFLAGS'))).not.toContain(
      '\\Seen',
    );
    expect(await last(guest, 'STORE 1 +FLAGS (\\Seen)')).toMatch(/^a NO \[NOPERM\]/);
    await answers(guest, 'FETCH 2 BODY[TEXT]');
    await answers(guest, 'STORE 3 FLAGS (\\Seen \\Flagged)');
    await answers(guest, `APPEND ${box} (\\Seen) {13+}\r\nn: 4\r\n\r\nbody4`);
    await answers(guest, 'NOOP');
    expect(await seen(guest)).toBe('');
    await answers(owner, `SETACL box ${bob} lrs`);
    expect((await answers(guest, `SELECT ${box}`)).find((line) => line.includes('PERMANENTFLAGS'))).toContain(
      '(\\Seen)',
    );
    await answers(guest, 'STORE 1 +FLAGS (\\Seen)');
    expect(await seen(guest)).toBe('1');
  });

  test('many at once, whose messages come and go, see each his own', async () => {
    const guests = [guest, ...(await Promise.all(['x', 'y'].map((name) => newUser(`${name}${users}`))))];
    await answers(owner, 'SETACL box anyone lrswite');
    for (const client of guests) await answers(client, `SELECT ${box}`);
    await Promise.all(
      guests.map(async (client, i) => {
        for (let n = 0; n < 5; n++) {
          await answers(client, `UID STORE ${1 + ((i + n) % 3)} ${n % 2 === 0 ? '+' : '-'}FLAGS (\\Seen)`);
          await answers(client, `APPEND ${box} {4+}\r\nn: ${i}`);
        }
        await answers(client, `UID STORE 1:* -FLAGS.SILENT (\\Seen)`);
        await answers(client, `UID STORE ${i + 1} +FLAGS.SILENT (\\Seen)`);
      }),
    );
    for (const [i, client] of guests.entries()) expect(await seen(client)).toBe(String(i + 1));
    await answers(owner, 'NOOP');
    expect(await seen(owner)).toBe('1');
  });

  test('with `shared` what one has seen is seen for all', async () => {
    const [there, other] = [await newUser(ann, together), await newUser(bob, together)];
    await fill(there);
    await answers(there, `SETACL box ${bob} lrs`);
    await answers(other, `SELECT ${box}`);
    await answers(other, 'STORE 2 +FLAGS (\\Seen)');
    await answers(there, 'SELECT box');
    expect([await seen(there), await seen(other)]).toEqual(['1:2', '1:2']);
    expect((await answers(other, `STATUS ${box} (UNSEEN)`))[0]).toContain('(UNSEEN 1)');
  });
});
