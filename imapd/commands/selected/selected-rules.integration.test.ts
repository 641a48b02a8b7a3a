import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { pause } from '#runtime/deadline.ts';
import { heldOctets } from '../../session/test-support/held-octets.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { startTestServer } from '../../session/test-support/test-server.ts';
import { defaultLimits, defaultRetention } from '../../store/collect/collect.ts';
import { appendStream, attempt } from '../../store/test-support/store-fixture.ts';
import { MAX_KEYWORDS, systemFlags } from '../../store/types.ts';
import { Capabilities } from '../any-state/capability-table.ts';
import type { CommandHandler } from '../command-handler.ts';
import { search } from './search.ts';

// Promise: what a mailbox selected read-only must not do is not done; what is gone is told as gone; bounds have their codes.

describe.each(enginesUnderTest)('%s', (engine) => {
  const MiB = 1024 * 1024;
  let server: ImapServer;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    server = await startImapServer({ engine });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await server.stop();
  });

  async function opened(mailbox: string, how: 'SELECT' | 'EXAMINE' = 'SELECT', port = server.port): Promise<RawClient> {
    const client = await RawClient.greeted(port);
    clients.push(client);
    await client.command(`l LOGIN ada "${PASSWORD}"`);
    expect((await client.command(`s ${how} ${mailbox}`)).at(-1)).toMatch(/^s OK/);
    return client;
  }

  let mailboxes = 0;
  /** A new mailbox with two messages, the second one marked as deleted. */
  async function twoMessages(): Promise<string> {
    const name = `rules${mailboxes++}`;
    const client = await opened('INBOX');
    await client.command(`c CREATE ${name}`);
    await server.fixture.append('Subject: one\r\nX-A: 1\r\nX-B: 2\r\n\r\nbody one\r\n', { mailbox: name });
    const system = systemFlags['\\Deleted'];
    await server.fixture.append('Subject: two\r\n\r\nbody two\r\n', { mailbox: name, system });
    return name;
  }
  const flagsOf = async (mailbox: string): Promise<string[]> =>
    (await (await opened(mailbox, 'EXAMINE')).command('f FETCH 1:* FLAGS')).slice(0, -1);

  /** Removes for good what has been expunged so far, whoever may still ask for it. */
  const collectAll = async (): Promise<void> => {
    const retention = { ...defaultRetention, content: 0 };
    await server.fixture.collect({ ...defaultLimits, retention });
  };

  describe('read-only, and left without expunging', () => {
    it.each([
      { how: 'EXAMINE', command: 'FETCH 1:* BODY[]', answer: /^a OK/ },
      { how: 'EXAMINE', command: 'CLOSE', answer: /^a OK/ },
      { how: 'EXAMINE', command: 'EXPUNGE', answer: /^a NO \[READ-ONLY\]/ },
      { how: 'EXAMINE', command: 'UID EXPUNGE 1:*', answer: /^a NO \[READ-ONLY\]/ },
      { how: 'EXAMINE', command: 'MOVE 1 INBOX', answer: /^a NO \[READ-ONLY\]/ },
      { how: 'EXAMINE', command: 'UID MOVE 1 INBOX', answer: /^a NO \[READ-ONLY\]/ },
      { how: 'EXAMINE', command: 'UID STORE 1 FLAGS (\\Seen)', answer: /^a NO \[READ-ONLY\]/ },
      { how: 'SELECT', command: 'UNSELECT', answer: /^a OK/ },
    ] as const)('$how, $command: nothing is changed', async ({ how, command, answer }) => {
      const name = await twoMessages();
      const client = await opened(name, how);
      expect((await client.command(`a ${command}`)).at(-1)).toMatch(answer);
      const withoutRecent = (await flagsOf(name)).map((line) => line.replace(/ ?\\Recent/, ''));
      expect(withoutRecent).toEqual(['* 1 FETCH (FLAGS ())', '* 2 FETCH (FLAGS (\\Deleted))']);
    });
  });

  it.each([
    {
      item: 'BODY.PEEK[HEADER.FIELDS.NOT (X-A)]',
      label: 'BODY[HEADER.FIELDS.NOT (X-A)]',
      text: 'Subject: one\r\nX-B: 2\r\n\r\n',
    },
    { item: 'RFC822.HEADER', label: 'RFC822.HEADER', text: 'Subject: one\r\nX-A: 1\r\nX-B: 2\r\n\r\n' },
    { item: 'RFC822.TEXT', label: 'RFC822.TEXT', text: 'body one\r\n', seen: true },
  ])('FETCH $item', async ({ item, label, text, seen = false }) => {
    const name = await twoMessages();
    const client = await opened(name);
    const lines = (await client.command(`a FETCH 1 ${item}`)).join('\r\n');
    const flags = seen ? ' FLAGS (\\Seen \\Recent)' : '';
    expect(lines).toBe(`* 1 FETCH (${label} {${text.length}}\r\n${text}${flags})\r\na OK FETCH completed`);
  });

  it('a mailbox with children says so, and one without', async () => {
    const client = await opened('INBOX');
    await client.command('c CREATE parent/child');
    expect((await client.command('a LIST "" parent*')).slice(0, -1)).toEqual([
      '* LIST (\\HasChildren) "/" parent',
      '* LIST (\\HasNoChildren) "/" parent/child',
    ]);
  });

  it('EXPUNGE tells whoever uses CONDSTORE the HIGHESTMODSEQ', async () => {
    const name = await twoMessages();
    const client = await opened(name);
    await client.command('e ENABLE CONDSTORE');
    const lines = await client.command('a EXPUNGE');
    const state = await server.fixture.store.findMailbox('ada', name, attempt);
    expect(lines).toEqual(['* 2 EXPUNGE', `a OK [HIGHESTMODSEQ ${state?.highestModSeq}] EXPUNGE completed`]);
  });

  it('a mailbox holds so many keywords and no more, whatever brings them', async () => {
    const [full, other] = [await twoMessages(), await twoMessages()];
    const client = await opened(full);
    const keywords = Array.from({ length: MAX_KEYWORDS }, (_, n) => `$k${n}`).join(' ');
    expect((await client.command(`a STORE 1 +FLAGS.SILENT (${keywords})`)).at(-1)).toMatch(/^a OK/);
    expect((await client.command('b STORE 1 +FLAGS ($more)')).at(-1)).toMatch(/^b NO \[LIMIT\]/);
    client.send(`c APPEND ${full} ($more) {14+}\r\nSubject: x\r\n\r\n\r\n`);
    expect((await client.readTagged('c')).at(-1)).toMatch(/^c NO \[LIMIT\]/);
    const from = await opened(other);
    expect((await from.command('d STORE 1 +FLAGS.SILENT ($more)')).at(-1)).toMatch(/^d OK/);
    expect((await from.command(`e COPY 1 ${full}`)).at(-1)).toMatch(/^e NO \[LIMIT\]/);
    expect((await from.command(`f MOVE 1 ${full}`)).at(-1)).toMatch(/^f NO \[LIMIT\]/);
    expect(await flagsOf(full)).toHaveLength(2);
  });

  describe('content that others expunged and that has been collected', () => {
    it('is told as EXPUNGEISSUED', async () => {
      const name = await twoMessages();
      const [one, two] = [await opened(name), await opened(name)];
      expect((await two.command('x EXPUNGE')).at(-1)).toMatch(/^x OK/);
      await collectAll();
      const lines = await one.command('a FETCH 1:2 BODY.PEEK[TEXT]');
      expect(lines.join('\r\n')).toMatch(/^\* 1 FETCH \(BODY\[TEXT\] \{10\}\r\nbody one\r\n\)\r\n/);
      expect(lines.filter((line) => line.startsWith('* 2 FETCH (BODY'))).toEqual([]);
      expect(lines.at(-1)).toMatch(/^a NO \[EXPUNGEISSUED\]/);
      expect((await one.command('b STORE 2 +FLAGS (\\Seen)')).at(-1)).toMatch(/^b NO \[EXPUNGEISSUED\]/);
      expect((await one.command('c COPY 2 INBOX')).at(-1)).toMatch(/^c NO \[EXPUNGEISSUED\]/);
    });

    it('is no failure of a command that names UIDs, which tells of the expunge', async () => {
      const name = await twoMessages();
      const [one, two, three] = [await opened(name), await opened(name), await opened(name)];
      expect((await two.command('x EXPUNGE')).at(-1)).toMatch(/^x OK/);
      await collectAll();
      const fetched = await one.command('a UID FETCH 1:2 BODY.PEEK[TEXT]');
      expect(fetched.filter((line) => /^\* (2 FETCH \(UID 2 BODY|2 EXPUNGE)/.test(line))).toEqual(['* 2 EXPUNGE']);
      expect(fetched.at(-1)).toMatch(/^a OK \[EXPUNGEISSUED\]/);
      const stored = await three.command('b UID STORE 2 +FLAGS (\\Seen)');
      expect(stored).toEqual(['* 2 EXPUNGE', expect.stringMatching(/^b OK \[EXPUNGEISSUED\]/)]);
    });

    it.each([
      { items: 'BODY.PEEK[]<0.16000000>', what: 'a text' },
      { items: '(BODY.PEEK[1.HEADER.FIELDS (SUBJECT)] BODY.PEEK[]<0.16000000>)', what: 'a header within it' },
    ])('is told so, and $what not as empty, where that happens while the FETCH is under way', async ({ items }) => {
      const name = await twoMessages();
      const reader = await opened(name);
      await appendStream(server.fixture.store, large(50 * MiB), { mailbox: name });
      await appendStream(
        server.fixture.store,
        large(MiB, 'Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\n'),
        {
          mailbox: name,
        },
      );
      await reader.command('n NOOP');
      reader.stopReading();
      // So much that it does not fit between the two: the second message is looked at when the first has been read.
      reader.send(`a FETCH 3:4 ${items}\r\n`);
      await standstill();
      const other = await opened(name);
      await other.command('x STORE 4 +FLAGS.SILENT (\\Deleted)');
      expect((await other.command('y UID EXPUNGE 4')).at(-1)).toMatch(/^y OK/);
      await collectAll();
      reader.goOnReading();
      const lines = await reader.readTagged('a');
      expect(lines[0]).toMatch(/^\* 3 FETCH \(.*BODY\[\]<0> \{16000000\}$/);
      expect(lines.filter((line) => line.startsWith('* 4 FETCH (BODY'))).toEqual([]);
      expect(lines.at(-1)).toMatch(/^a NO \[EXPUNGEISSUED\]/);
      expect((await reader.command('z NOOP')).at(-1)).toMatch(/^z OK/);
    });
  });

  it.each([
    { disabled: [], notice: '* OK [INPROGRESS ("a" 2 2)] Still searching' },
    { disabled: ['INPROGRESS'], notice: '* OK Still searching' },
  ])('a SEARCH that takes its time says how far it is: $notice', async ({ disabled, notice }) => {
    const { store } = server.fixture;
    const policy = { disabled, tlsAvailable: true, clearTextFromAnywhere: false, appendLimit: MiB };
    const telling = await startTestServer({
      authenticator: async ({ user }) => ({ kind: 'ok', user: { name: user, store } }),
      policy,
      handlers: [
        search({
          capabilities: new Capabilities(policy),
          now: () => new Date(),
          maxContexts: 1,
          maxNotifications: 1,
          progressMs: 0,
        }) as CommandHandler,
      ],
    });
    try {
      const client = await opened(await twoMessages(), 'SELECT', telling.port);
      expect(await client.command('a SEARCH TEXT two')).toEqual([notice, '* SEARCH 2', 'a OK SEARCH completed']);
      // What the view alone decides takes no time.
      expect(await client.command('b SEARCH DELETED')).toEqual(['* SEARCH 2', 'b OK SEARCH completed']);
    } finally {
      await telling.stop();
    }
  });

  it('a client that asks for 50 MiB and never reads costs a buffer, and then its connection', async () => {
    const { store } = server.fixture;
    const impatient = await startTestServer({
      authenticator: async ({ user }) => ({ kind: 'ok', user: { name: user, store } }),
      limits: { stalledMs: 500 },
    });
    try {
      const name = await twoMessages();
      await appendStream(store, large(50 * MiB), { mailbox: name });
      const client = await opened(name, 'SELECT', impatient.port);
      const before = heldOctets();
      client.stopReading();
      client.send('a FETCH 3 BODY.PEEK[]\r\n');
      let most = 0;
      const ended = async (): Promise<readonly string[]> => {
        most = Math.max(most, heldOctets() - before);
        return impatient.observer.ended;
      };
      await expect.poll(ended, { timeout: 8_000 }).toEqual(['clientTooSlow']);
      expect(most).toBeLessThan(8 * MiB);
      expect(impatient.log.codes()).toContain('ClientTooSlow');
    } finally {
      await impatient.stop();
    }
  });

  async function* large(size: number, beginning = 'Subject: large\r\n\r\n'): AsyncGenerator<Buffer> {
    yield Buffer.from(beginning);
    const piece = Buffer.alloc(64 * 1024, `${'x'.repeat(1022)}\r\n`);
    for (let left = size; left > 0; left -= piece.length) yield piece;
  }

  /** Until no more statements are sent: a FETCH waits for its client. */
  async function standstill(): Promise<void> {
    const { statementNames } = server.fixture;
    const reads = (): number => statementNames.filter((name) => name === 'chunks-read').length;
    for (let [before, now] = [0, reads()]; now === 0 || now > before; [before, now] = [now, reads()]) await pause(200);
  }
});
