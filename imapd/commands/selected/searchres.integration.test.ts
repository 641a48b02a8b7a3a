import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { systemFlags } from '../../store/types.ts';

// Promise: RFC 5182. `$` stands for what was saved, in every command that takes a set, by message number and by UID alike.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  const clients: RawClient[] = [];
  beforeAll(async () => {
    server = await startImapServer({ engine });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await server?.stop();
  });

  async function opened(mailbox: string, how: 'SELECT' | 'EXAMINE' = 'SELECT'): Promise<RawClient> {
    const client = await RawClient.greeted(server.port);
    clients.push(client);
    await client.command(`l LOGIN ada "${PASSWORD}"`);
    expect((await client.command(`s ${how} ${mailbox}`)).at(-1)).toMatch(/^s OK/);
    return client;
  }

  let mailboxes = 0;
  /** A new mailbox with six messages, UIDs 1 to 6, of which 2, 4 and 5 are flagged. */
  async function sixMessages(): Promise<string> {
    const name = `saved${mailboxes++}`;
    const client = await opened('INBOX');
    await client.command(`c CREATE ${name}`);
    for (let n = 1; n <= 6; n++) {
      const system = [2, 4, 5].includes(n) ? systemFlags['\\Flagged'] : 0;
      await server.fixture.append(`Subject: number ${n}\r\n\r\nbody\r\n`, { mailbox: name, system });
    }
    return name;
  }

  /** UIDs that `$` stands for. */
  async function saved(client: RawClient): Promise<string> {
    const lines = await client.command('v UID SEARCH $');
    expect(lines.at(-1)).toMatch(/^v OK/);
    return (
      lines
        .find((line) => line.startsWith('* SEARCH'))
        ?.slice('* SEARCH'.length)
        .trim() ?? ''
    );
  }
  const last = async (client: RawClient, command: string): Promise<string> =>
    (await client.command(`a ${command}`)).at(-1) ?? '';

  describe('SEARCH RETURN (SAVE)', () => {
    it('tells nothing, and is known to every command that takes a set (2.2, examples 1 to 4)', async () => {
      const client = await opened(await sixMessages());
      expect(await client.command('a SEARCH RETURN (SAVE) FLAGGED')).toEqual(['a OK SEARCH completed']);
      expect((await client.command('b FETCH $ UID')).slice(0, -1)).toEqual([
        '* 2 FETCH (UID 2)',
        '* 4 FETCH (UID 4)',
        '* 5 FETCH (UID 5)',
      ]);
      expect((await client.command('c UID FETCH $ (BODY.PEEK[HEADER.FIELDS (SUBJECT)])')).length).toBe(3 * 4 + 1);
      expect(await client.command('d UID SEARCH UID $ SUBJECT "number 4"')).toContain('* SEARCH 4');
      expect(await client.command('e UID SEARCH $ SUBJECT "number 4"')).toContain('* SEARCH 4');
      expect(await client.command('f SEARCH CHARSET UTF-8 (OR $ 1,3000:3021) TEXT {4+}\r\nbody')).toContain(
        '* SEARCH 1 2 4 5',
      );
      expect(await client.command('g SEARCH NOT $')).toContain('* SEARCH 1 3 6');
      expect((await client.command('h STORE $ +FLAGS (\\Seen)')).length).toBe(3 + 1);
      expect(await last(client, 'COPY $ Sent')).toMatch(/^a OK \[COPYUID \d+ 2,4:5 \S+\]/);
    });

    it('can be sent together with what uses it (2.3, example 7)', async () => {
      const client = await opened(await sixMessages());
      client.send('a SEARCH RETURN (SAVE) FLAGGED\r\nb STORE $ +FLAGS.SILENT (\\Deleted)\r\nc UID EXPUNGE $\r\n');
      expect((await client.readTagged('c')).filter((line) => line.includes('EXPUNGE'))).toEqual([
        '* 5 EXPUNGE',
        '* 4 EXPUNGE',
        '* 2 EXPUNGE',
        expect.stringMatching(/^c OK/),
      ]);
    });

    it('survives what moves message numbers, by UID SEARCH too, and MOVE takes what is left', async () => {
      const name = await sixMessages();
      const client = await opened(name);
      await client.command('a UID SEARCH RETURN (SAVE) FLAGGED');
      const other = await opened(name);
      await other.command('o STORE 1,4 +FLAGS.SILENT (\\Deleted)');
      await other.command('p EXPUNGE');
      expect((await client.command('n NOOP')).filter((line) => line.includes('EXPUNGE'))).toHaveLength(2);
      expect(await saved(client)).toBe('2 5');
      expect((await client.command('b FETCH $ UID')).slice(0, -1)).toEqual(['* 1 FETCH (UID 2)', '* 3 FETCH (UID 5)']);
      expect((await client.command('m MOVE $ Sent')).join('\n')).toMatch(/\* OK \[COPYUID \d+ 2,5 /);
      expect(await saved(client)).toBe('');
    });

    it('does not grow by what arrives later', async () => {
      const name = await sixMessages();
      const client = await opened(name);
      await client.command('a SEARCH RETURN (SAVE) ALL');
      await server.fixture.append('Subject: seven\r\n\r\n', { mailbox: name });
      await client.command('n NOOP');
      expect(await saved(client)).toBe('1 2 3 4 5 6');
    });
  });

  describe('an empty $', () => {
    it('is no mistake (2.1, example 6)', async () => {
      const client = await opened(await sixMessages());
      await client.command('a SEARCH RETURN (SAVE) SUBJECT "not in mailbox"');
      for (const command of ['FETCH $ FLAGS', 'UID FETCH $ BODY[]', 'STORE $ +FLAGS (\\Seen)', 'COPY $ Sent']) {
        expect(await client.command(`b ${command}`)).toEqual([expect.stringMatching(/^b OK/)]);
      }
      expect(await last(client, 'UID MOVE $ Sent')).toMatch(/^a OK/);
      expect(await last(client, 'UID EXPUNGE $')).toMatch(/^a OK/);
      expect(await client.command('c SEARCH $')).toContain('* SEARCH');
    });

    it('is what every SELECT begins with, also of the same mailbox', async () => {
      const name = await sixMessages();
      const client = await opened(name);
      for (const command of [`SELECT ${name}`, `EXAMINE ${name}`]) {
        await client.command('a SEARCH RETURN (SAVE) ALL');
        expect(await saved(client)).not.toBe('');
        await client.command(`s ${command}`);
        expect(await saved(client)).toBe('');
      }
      await client.command('a SEARCH RETURN (SAVE) ALL');
      await client.command('u UNSELECT');
      await client.command(`s SELECT ${name}`);
      expect(await saved(client)).toBe('');
    });
  });

  describe('what changes $ (2.1)', () => {
    it.each([
      ['SEARCH RETURN (SAVE) CHARSET x-none TEXT x', /^a NO \[BADCHARSET/, ''],
      ['SEARCH CHARSET x-none TEXT x', /^a NO \[BADCHARSET/, '2 4 5'],
      ['SEARCH RETURN (SAVE) FOO', /^a BAD/, '2 4 5'],
      ['SEARCH RETURN (ALL) SUBJECT 1', /^a OK/, '2 4 5'],
      ['SEARCH UNFLAGGED', /^a OK/, '2 4 5'],
      ['SEARCH RETURN (SAVE) UNFLAGGED', /^a OK/, '1 3 6'],
      ['SEARCH RETURN (SAVE) $ SUBJECT 4', /^a OK/, '4'],
      ['SEARCH RETURN (SAVE) NOT $', /^a OK/, '1 3 6'],
    ])('%s', async (command, answer, left) => {
      const client = await opened(await sixMessages(), 'EXAMINE');
      await client.command('b SEARCH RETURN (SAVE) FLAGGED');
      expect(await last(client, command)).toMatch(answer);
      expect(await saved(client)).toBe(left);
    });
  });

  describe('with ESEARCH (2.4, example 10)', () => {
    it.each([
      ['SAVE MIN', 'MIN 2', '2'],
      ['SAVE MAX', 'MAX 5', '5'],
      ['MAX SAVE MIN', 'MIN 2 MAX 5', '2 5'],
      ['MAX SAVE MIN COUNT', 'MIN 2 MAX 5 COUNT 3', '2 4 5'],
      ['ALL SAVE MIN', 'MIN 2 ALL 2,4:5', '2 4 5'],
      ['ALL SAVE', 'ALL 2,4:5', '2 4 5'],
      ['COUNT SAVE', 'COUNT 3', '2 4 5'],
    ])('RETURN (%s)', async (options, told, kept) => {
      const client = await opened(await sixMessages());
      expect(await client.command(`a SEARCH RETURN (${options}) FLAGGED`)).toEqual([
        `* ESEARCH (TAG "a") ${told}`,
        'a OK SEARCH completed',
      ]);
      expect(await saved(client)).toBe(kept);
    });
  });
});
