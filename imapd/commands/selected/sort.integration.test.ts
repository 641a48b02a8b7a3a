import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { startTestServer } from '../../session/test-support/test-server.ts';
import { systemFlags } from '../../store/types.ts';
import { Capabilities } from '../any-state/capability-table.ts';
import type { CommandHandler } from '../command-handler.ts';
import { sort } from './sort.ts';

// Promise: RFC 5256, BASE.6.4.SORT and sections 2.1 and 2.2; RFC 5957.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  const clients: RawClient[] = [];
  beforeAll(async () => {
    server = await startImapServer({ engine });
    await fill();
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await server?.stop();
  });

  async function opened(mailbox: string, port = server.port): Promise<RawClient> {
    const client = await RawClient.greeted(port);
    clients.push(client);
    await client.command(`l LOGIN ada "${PASSWORD}"`);
    expect((await client.command(`s EXAMINE ${mailbox}`)).at(-1)).toMatch(/^s OK/);
    return client;
  }

  type Mail = {
    readonly from?: string;
    readonly to?: string;
    readonly cc?: string;
    readonly date?: string;
    readonly subject?: string;
    readonly internal: string;
    readonly size: number;
  };

  const message1: Mail = {
    from: 'Zoe <ann@example.org>',
    to: 'undisclosed-recipients:;',
    date: 'Sun, 31 Dec 2000 16:01:33 -0800',
    subject: 'Re: lunch',
    internal: '03-Nov-2026 10:00:00 +0000',
    size: 300,
  };
  const message2: Mail = {
    from: '"adam" <zed@example.org>',
    to: 'carl@example.org, a@example.org',
    cc: 'Bob <bob@b.example>',
    date: 'Mon, 1 Jan 2001 00:00:00 +0000',
    subject: '[list] Lunch (fwd)',
    internal: '01-Nov-2026 10:00:00 +0000',
    size: 500,
  };
  const message3: Mail = {
    from: 'bert@example.org',
    to: '=?utf-8?q?=C3=84nne?= <x@example.org>',
    date: 'Mon, 1 Jan 2001 00:00:00 +0000',
    subject: '=?utf-8?q?=C3=A4pfel?=',
    internal: '02-Nov-2026 10:00:00 +0000',
    size: 400,
  };
  /** Neither a sender nor a subject nor a date that anybody understands: INTERNALDATE counts, between the others. */
  const message4: Mail = { date: 'yesterday', internal: '01-Jan-2001 00:00:30 +0000', size: 400 };

  async function fill(): Promise<void> {
    const client = await RawClient.greeted(server.port);
    clients.push(client);
    await client.command(`l LOGIN ada "${PASSWORD}"`);
    await client.command('c CREATE sorted');
    for (const mail of [message1, message2, message3, message4]) await append(client, mail);
  }

  async function append(client: RawClient, { internal, size, ...fields }: Mail): Promise<void> {
    const header = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    const text = `${header.join('')}\r\n`.padEnd(size, 'x');
    client.send(`a APPEND sorted "${internal}" {${text.length}+}\r\n${text}\r\n`);
    expect((await client.readTagged('a')).at(-1)).toMatch(/^a OK/);
  }

  describe('SORT RETURN (RFC 5267, 3)', () => {
    it.each([
      ['', 'ALL 2:3,1,4'],
      ['MIN', 'MIN 2'],
      ['MAX', 'MAX 4'],
      ['MAX COUNT MIN', 'MIN 2 MAX 4 COUNT 4'],
      ['ALL COUNT', 'ALL 2:3,1,4 COUNT 4'],
    ])('(%s)', async (options, told) => {
      const client = await opened('sorted');
      const sorted = `SORT RETURN (${options}) (REVERSE FROM) UTF-8 ALL`;
      expect(await client.command(`a ${sorted}`)).toEqual([`* ESEARCH (TAG "a") ${told}`, 'a OK SORT completed']);
      expect(await client.command(`b UID ${sorted}`)).toContain(`* ESEARCH (TAG "b") UID ${told}`);
    });

    it('of nothing', async () => {
      const client = await opened('sorted');
      expect(await client.command('a SORT RETURN (MIN ALL COUNT) (DATE) UTF-8 DELETED')).toContain(
        '* ESEARCH (TAG "a") COUNT 0',
      );
    });

    it('saves what it finds, MIN and MAX in its own order (RFC 5182, 1 and 2.4)', async () => {
      const client = await opened('sorted');
      expect(await client.command('a SORT RETURN (SAVE) (SIZE) UTF-8 LARGER 300')).toEqual(['a OK SORT completed']);
      expect(await client.command('b SEARCH $')).toContain('* SEARCH 2 3 4');
      await client.command('c SORT RETURN (SAVE MIN) (REVERSE SIZE) UTF-8 ALL');
      expect(await client.command('d SEARCH $')).toContain('* SEARCH 2');
      expect((await client.command('e SORT RETURN (SAVE) (SIZE) x-none TEXT x')).at(-1)).toMatch(/^e NO \[BADCHARSET/);
      expect(await client.command('f SEARCH $')).toContain('* SEARCH');
    });
  });

  describe('SORT', () => {
    it.each([
      ['ARRIVAL', '4 2 3 1'],
      ['REVERSE ARRIVAL', '1 3 2 4'],
      // 31 Dec 16:01:33 -0800 is 1 Jan 00:01:33 UTC: later than the others. Those of the same moment stay as they are.
      ['DATE', '2 3 4 1'],
      ['REVERSE DATE', '1 4 2 3'],
      ['SIZE', '1 3 4 2'],
      ['REVERSE SIZE', '2 3 4 1'],
      ['FROM', '4 1 3 2'],
      ['TO', '4 2 1 3'],
      ['CC', '1 3 4 2'],
      // Without a subject first; then what begins with a letter A, decomposed; `Lunch` twice, by their numbers.
      ['SUBJECT', '4 3 1 2'],
      ['REVERSE SUBJECT', '1 2 3 4'],
      ['SUBJECT DATE', '4 3 2 1'],
      ['SUBJECT REVERSE SIZE', '4 3 2 1'],
      ['DISPLAYFROM', '4 2 3 1'],
      ['DISPLAYTO', '4 3 2 1'],
      ['REVERSE DISPLAYTO SIZE', '1 2 3 4'],
    ])('(%s)', async (criteria, order) => {
      const client = await opened('sorted');
      expect(await client.command(`a SORT (${criteria}) UTF-8 ALL`)).toEqual([
        `* SORT ${order}`,
        'a OK SORT completed',
      ]);
    });

    it('sorts what the keys find, and tells nothing where they find nothing', async () => {
      const client = await opened('sorted');
      expect(await client.command('a SORT (SUBJECT) US-ASCII SUBJECT LUNCH')).toContain('* SORT 1 2');
      expect(await client.command('b SORT (SIZE) UTF-8 NOT 2 LARGER 300')).toContain('* SORT 3 4');
      expect(await client.command('c SORT (SUBJECT) US-ASCII TEXT "not in mailbox"')).toEqual([
        '* SORT',
        'c OK SORT completed',
      ]);
    });

    it('refuses what it cannot search for', async () => {
      const client = await opened('sorted');
      expect((await client.command('a SORT (DATE) x-none TEXT x')).at(-1)).toMatch(/^a NO \[BADCHARSET/);
      for (const command of ['SORT (DATE) ALL', 'SORT UTF-8 ALL', 'SORT (WEIGHT) UTF-8 ALL', 'SORT (DATE) UTF-8']) {
        expect((await client.command(`b ${command}`)).at(-1)).toMatch(/^b BAD/);
      }
    });

    it('tells the highest mod-sequence to who searches by it (RFC 7162)', async () => {
      const client = await opened('sorted');
      expect((await client.command('a SORT (SIZE) UTF-8 MODSEQ 1')).at(-2)).toMatch(/^\* SORT 1 3 4 2 \(MODSEQ \d+\)$/);
    });

    it('leaves message numbers alone; UID SORT answers with UIDs and tells what was expunged', async () => {
      const setUp = await opened('INBOX');
      await setUp.command('c CREATE moving');
      for (const [n, system] of [0, systemFlags['\\Deleted'], 0].entries()) {
        await server.fixture.append(`Subject: ${9 - n}\r\n\r\n`, { mailbox: 'moving', system });
      }
      const [client, other] = [await opened('moving'), await opened('INBOX')];
      await other.command('s SELECT moving');
      expect((await other.command('x EXPUNGE')).at(-1)).toMatch(/^x OK/);
      expect(await client.command('a SORT (SUBJECT) UTF-8 ALL')).toEqual(['* SORT 3 2 1', 'a OK SORT completed']);
      expect(await client.command('b UID SORT (SUBJECT) UTF-8 UID 1,3')).toEqual([
        '* SORT 3 1',
        '* 2 EXPUNGE',
        'b OK SORT completed',
      ]);
      expect(await client.command('d UID SORT (SUBJECT) UTF-8 ALL')).toContain('* SORT 3 1');
    });

    it('says how far it is (RFC 9585)', async () => {
      const { store } = server.fixture;
      const policy = { disabled: [], tlsAvailable: true, clearTextFromAnywhere: false, appendLimit: 1000 };
      const telling = await startTestServer({
        authenticator: async ({ user }) => ({ kind: 'ok', user: { name: user, store } }),
        policy,
        handlers: [
          sort({
            capabilities: new Capabilities(policy),
            now: () => new Date(),
            maxContexts: 1,
            maxNotifications: 1,
            progressMs: 0,
          }) as CommandHandler,
        ],
      });
      try {
        const client = await opened('sorted', telling.port);
        expect(await client.command('a SORT (SIZE) UTF-8 ALL')).toEqual([
          '* OK [INPROGRESS ("a" 4 4)] Still searching',
          '* SORT 1 3 4 2',
          'a OK SORT completed',
        ]);
      } finally {
        await telling.stop();
      }
    });

    it('asks the database once, however many messages there are', async () => {
      const client = await opened('sorted');
      const { statementNames } = server.fixture;
      const reads = (): number => statementNames.filter((name) => name.startsWith('content')).length;
      const before = reads();
      await client.command('a SORT (SUBJECT DATE SIZE DISPLAYTO) UTF-8 ALL');
      expect(reads()).toBe(before + 1);
    });
  });
});
