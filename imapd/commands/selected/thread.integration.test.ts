import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { systemFlags } from '../../store/types.ts';

// Promise: RFC 5256, BASE.6.4.THREAD. Both algorithms see messages as they are stored: encoded subjects, folded References.

let server: ImapServer;
let client: RawClient;
beforeAll(async () => {
  server = await startImapServer();
  const mails = [
    { id: '<a@x>', subject: 'Lunch', hour: 1 },
    { id: '<b@x>', subject: 'Re: lunch', hour: 3, more: 'In-Reply-To: Your message of Monday <a@x> <other@x>\r\n' },
    { id: '<c@x>', subject: '[list] RE: =?utf-8?q?Lunch?=', hour: 2, more: 'References: <a@x>\r\n <"b"@x>\r\n' },
    { id: '<d@x>', subject: 'Something else', hour: 0, more: 'References: <gone@x>\r\nIn-Reply-To: <a@x>\r\n' },
    { id: '<e@x>', subject: 'Something new', hour: 4, more: 'References: <gone@x>\r\n' },
    { id: 'none', subject: 'Lunch (fwd)', hour: 5 },
  ];
  for (const { id, subject, hour, more = '' } of mails) {
    const date = `Date: Sun, 01 Nov 2026 0${hour}:00:00 +0000\r\n`;
    await server.fixture.append(`Message-ID: ${id}\r\nSubject: ${subject}\r\n${date}${more}\r\nbody ${hour}\r\n`);
  }
  client = await RawClient.greeted(server.port);
  await client.command(`l LOGIN ada "${PASSWORD}"`);
  await client.command('s EXAMINE INBOX');
});
afterAll(async () => {
  client?.close();
  await server?.stop();
});

describe('THREAD', () => {
  it.each([
    ['ORDEREDSUBJECT UTF-8 ALL', ' (4)(1 (3)(2)(6))(5)'],
    ['ORDEREDSUBJECT US-ASCII SUBJECT lunch NOT 1', ' (3 (2)(6))'],
    ['ORDEREDSUBJECT UTF-8 TEXT "gewp"', ''],
    // 4 and 5 have an ancestor that is not there; 6 has nobody, but a subject, and is a forwarded message.
    ['REFERENCES UTF-8 ALL', ' ((4)(5))(1 (2 3)(6))'],
    ['REFERENCES UTF-8 NOT 2', ' ((4)(5))(1 (3)(6))'],
    ['REFERENCES US-ASCII TEXT "gewp"', ''],
  ])('%s', async (command, threads) => {
    expect(await client.command(`a THREAD ${command}`)).toEqual([`* THREAD${threads}`, 'a OK THREAD completed']);
  });

  it('refuses what it does not know', async () => {
    expect((await client.command('a THREAD REFERENCES x-none ALL')).at(-1)).toMatch(/^a NO \[BADCHARSET/);
    for (const command of ['THREAD REFS UTF-8 ALL', 'THREAD REFERENCES ALL', 'THREAD REFERENCES UTF-8']) {
      expect((await client.command(`b ${command}`)).at(-1)).toMatch(/^b BAD/);
    }
  });

  it('UID THREAD answers with UIDs, and takes them only where a key says so', async () => {
    const other = await RawClient.greeted(server.port);
    try {
      await other.command(`l LOGIN ada "${PASSWORD}"`);
      await other.command('c CREATE threads');
      for (const [n, system] of [systemFlags['\\Deleted'], 0, 0].entries()) {
        await server.fixture.append(`Subject: ${n % 2}\r\n\r\n`, { mailbox: 'threads', system });
      }
      await other.command('s SELECT threads');
      await other.command('x EXPUNGE');
      expect(await other.command('t THREAD ORDEREDSUBJECT UTF-8 ALL')).toContain('* THREAD (1)(2)');
      expect(await other.command('u UID THREAD ORDEREDSUBJECT UTF-8 2')).toContain('* THREAD (3)');
      expect(await other.command('v UID THREAD REFERENCES UTF-8 UID 2')).toContain('* THREAD (2)');
    } finally {
      other.close();
    }
  });
});
