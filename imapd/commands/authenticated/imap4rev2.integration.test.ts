import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';

// Promise: who enables IMAP4rev2 is served by RFC 9051 alone, and whoever does not is served as before.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  let client: RawClient;
  let former: RawClient;
  let users = 0;

  beforeAll(async () => {
    server = await startImapServer({ engine });
  });
  afterAll(() => server.stop());

  /** A user of the test's own, with one connection that speaks IMAP4rev2 and one that does not. */
  beforeEach(async () => {
    const user = `user${users++}`;
    await server.addUser(user);
    [client, former] = [await signedIn(user), await signedIn(user)];
    expect(await client.command('e ENABLE IMAP4rev2')).toEqual(['* ENABLED IMAP4rev2', 'e OK ENABLE completed']);
  });
  afterEach(() => {
    for (const each of [client, former]) each.close();
  });

  async function signedIn(user: string): Promise<RawClient> {
    const greeted = await RawClient.greeted(server.port);
    expect((await greeted.command(`in LOGIN ${user} "${PASSWORD}"`)).at(-1)).toMatch(/^in OK/);
    return greeted;
  }

  /** Lines as text in UTF-8; RawClient keeps octets. */
  async function lines(of: RawClient, command: string): Promise<string[]> {
    const answer = await of.command(`a ${Buffer.from(command).toString('latin1')}`);
    return answer.map((line) => Buffer.from(line, 'latin1').toString('utf8'));
  }

  const answers = async (command: string): Promise<string[]> => (await lines(client, command)).slice(0, -1);
  const last = async (command: string): Promise<string> => (await lines(client, command)).at(-1) ?? '';

  async function append(text = 'hello'): Promise<void> {
    former.send(`p APPEND INBOX {${text.length}+}\r\n${text}\r\n`);
    expect((await former.readTagged('p')).at(-1)).toMatch(/^p OK/);
  }

  test('it is offered from the greeting on, and ENABLE changes nothing of what is offered (6.3.1)', async () => {
    const offered = await lines(client, 'CAPABILITY');
    expect(offered[0]).toMatch(/^\* CAPABILITY IMAP4rev1 IMAP4rev2 /);
    expect(await lines(former, 'CAPABILITY')).toEqual(offered);
  });

  test('a level that is no mailbox does not exist (7.3.1); to others it is what it was', async () => {
    await answers('CREATE a/b');
    await answers('DELETE a');
    expect(await answers('LIST "" a')).toEqual(['* LIST (\\NonExistent \\HasChildren) "/" a']);
    expect(await answers('LIST "" %')).toContain('* LIST (\\NonExistent \\HasChildren) "/" a');
    expect(await lines(former, 'LIST "" a')).toContain('* LIST (\\Noselect \\HasChildren) "/" a');
  });

  test('SELECT tells the name, and neither RECENT nor UNSEEN (6.3.2)', async () => {
    await append();
    const selected = await answers('SELECT inbox');
    expect(selected).toEqual([
      expect.stringMatching(/^\* FLAGS \(/),
      expect.stringMatching(/^\* OK \[PERMANENTFLAGS \(/),
      '* 1 EXISTS',
      '* LIST () "/" INBOX',
      expect.stringMatching(/^\* OK \[UIDVALIDITY \d+\]/),
      expect.stringMatching(/^\* OK \[UIDNEXT 2\]/),
      expect.stringMatching(/^\* OK \[HIGHESTMODSEQ \d+\]/),
      expect.stringMatching(/^\* OK \[MAILBOXID /),
    ]);
    const before = (await lines(former, 'EXAMINE INBOX')).join('\n');
    expect(before).toContain('* 1 RECENT');
    expect(before).toContain('[UNSEEN 1]');
    expect(before).not.toContain('* LIST');
  });

  test('the mailbox before is CLOSED, also where the next one does not exist (6.3.2, 7.1)', async () => {
    await last('CREATE Other');
    expect((await answers('SELECT INBOX')).join()).not.toContain('CLOSED');
    expect((await answers('EXAMINE Other'))[0]).toMatch(/^\* OK \[CLOSED\]/);
    expect(await lines(client, 'SELECT nowhere')).toEqual([
      expect.stringMatching(/^\* OK \[CLOSED\]/),
      expect.stringMatching(/^a NO \[NONEXISTENT\]/),
    ]);
    expect((await answers('SELECT INBOX')).join()).not.toContain('CLOSED');
  });

  test('no message is \\Recent, nor taken from those to whom it is', async () => {
    await append();
    await last('SELECT INBOX');
    await append('another');
    expect(await answers('NOOP')).toEqual(['* 2 EXISTS']);
    expect(await answers('FETCH 1:2 FLAGS')).toEqual(['* 1 FETCH (FLAGS ())', '* 2 FETCH (FLAGS ())']);
    await last('UNSELECT');
    expect(await lines(former, 'SELECT INBOX')).toContain('* 2 RECENT');
  });

  test('SEARCH is answered by ESEARCH alone (6.4.4)', async () => {
    await append();
    await append();
    await last('SELECT INBOX');
    expect(await answers('SEARCH ALL')).toEqual(['* ESEARCH (TAG "a") ALL 1:2']);
    expect(await answers('UID SEARCH UNSEEN')).toEqual(['* ESEARCH (TAG "a") UID ALL 1:2']);
    expect(await answers('SEARCH SEEN')).toEqual(['* ESEARCH (TAG "a")']);
    expect(await answers('SEARCH RETURN () ALL')).toEqual(['* ESEARCH (TAG "a") ALL 1:2']);
    await lines(former, 'SELECT INBOX');
    expect((await lines(former, 'SEARCH ALL'))[0]).toBe('* SEARCH 1 2');
  });

  test('names are UTF-8 both ways, and the same mailbox has its other spelling for others (5.1, A.1)', async () => {
    expect(await last('CREATE "Entwürfe & mehr/日"')).toMatch(/^a OK/);
    expect(await answers('LIST "" "Entw*"')).toEqual([
      '* LIST (\\HasChildren) "/" "Entwürfe & mehr"',
      '* LIST (\\HasNoChildren) "/" "Entwürfe & mehr/日"',
    ]);
    expect(await answers('STATUS "Entwürfe & mehr/日" (MESSAGES DELETED)')).toEqual([
      '* STATUS "Entwürfe & mehr/日" (MESSAGES 0 DELETED 0)',
    ]);
    expect(await answers('SELECT "Entwürfe & mehr"')).toContain('* LIST () "/" "Entwürfe & mehr"');
    expect(await last('SUBSCRIBE "Entwürfe & mehr"')).toMatch(/^a OK/);
    expect(await answers('LSUB "" *')).toContain('* LSUB () "/" "Entwürfe & mehr"');
    expect(await lines(former, 'LIST "" "Entw*"')).toContain('* LIST (\\HasChildren) "/" "Entw&APw-rfe &- mehr"');
    // What is modified UTF-7 to others is a name like any other.
    expect(await last('STATUS "Entw&APw-rfe &- mehr" (MESSAGES)')).toMatch(/^a NO \[NONEXISTENT\]/);
    expect((await client.command('a STATUS "\xe9" (MESSAGES)')).at(-1)).toMatch(/^a BAD .*UTF-8/);
  });

  test('who writes a name decomposed is told how it is spelt (6.3.9.7)', async () => {
    const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301'];
    const told = `* LIST () "/" "${composed}" ("OLDNAME" ("${decomposed}"))`;
    expect(await answers(`CREATE "${decomposed}"`)).toEqual([told]);
    expect(await answers(`SELECT "${decomposed}"`)).toContain(told);
    expect(await answers(`SELECT "${composed}"`)).toContain(`* LIST () "/" "${composed}"`);
    await last('UNSELECT');
    expect(await answers(`RENAME "${decomposed}" tea`)).toEqual([`* LIST () "/" tea ("OLDNAME" ("${decomposed}"))`]);
    expect(await answers(`RENAME tea "${decomposed}"`)).toEqual([`* LIST () "/" "${composed}" ("OLDNAME" (tea))`]);
    client.send(Buffer.from(`a APPEND "${decomposed}" {1+}\r\nx\r\n`));
    expect(Buffer.from((await client.readTagged('a'))[0] ?? '', 'latin1').toString('utf8')).toBe(told);
    await answers(`SELECT "${composed}"`);
    client.send(Buffer.from(`a UID REPLACE 1 "${decomposed}" {1+}\r\ny\r\n`));
    const replaced = (await client.readTagged('a')).map((line) => Buffer.from(line, 'latin1').toString('utf8'));
    expect(replaced).toContain(told);
    await last('UNSELECT');
    expect(await answers(`DELETE "${decomposed}"`)).toEqual([
      `* LIST (\\NonExistent) "/" "${composed}" ("OLDNAME" ("${decomposed}"))`,
    ]);
    await last(`CREATE "${composed}"`);
    expect((await lines(former, 'SELECT "cafe&AwE-"')).join()).not.toContain('OLDNAME');
  });

  test('unasked FETCH responses carry the UID (appendix E, 21)', async () => {
    await append();
    await last('SELECT INBOX');
    await lines(former, 'SELECT INBOX');
    await lines(former, 'STORE 1 +FLAGS (\\Flagged)');
    expect(await answers('NOOP')).toEqual(['* 1 FETCH (UID 1 FLAGS (\\Flagged))']);
  });

  test('ENABLE may be pipelined with what depends on it, and UNAUTHENTICATE ends it (RFC 8437, 4.1)', async () => {
    former.send(Buffer.from('x ENABLE IMAP4rev2\r\ny CREATE "é"\r\nz LIST "" "é"\r\n'));
    await former.readTagged('x');
    await former.readTagged('y');
    expect((await former.readTagged('z')).at(-2)).toBe(
      `* LIST (\\HasNoChildren) "/" "${Buffer.from('é').toString('latin1')}"`,
    );
    await last('UNAUTHENTICATE');
    await last(`LOGIN user${users - 1} "${PASSWORD}"`);
    expect(await answers('LIST "" "&AOk-"')).toEqual(['* LIST (\\HasNoChildren) "/" &AOk-']);
  });
});
