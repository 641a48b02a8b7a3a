import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { systemFlags } from '../../store/types.ts';
import { idle } from '../authenticated/idle.ts';
import type { CommandHandler } from '../command-handler.ts';

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    server = await startImapServer({ engine });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await server.stop();
  });

  const message = (subject: string, body = 'Hello.'): string =>
    `From: Ann <ann@example.org>\r\nDate: Sat, 31 Oct 2026 10:00:00 +0100\r\nSubject: ${subject}\r\nX-Odd: \xe9\r\n\r\n${body}\r\n`;

  async function mailbox(name: string): Promise<void> {
    await server.fixture.store.createMailbox(
      { operation: crypto.randomUUID() as never, owner: 'ada', name, specialUse: [] },
      { signal: AbortSignal.timeout(10_000) },
    );
  }

  async function signedIn(): Promise<RawClient> {
    const client = await RawClient.greeted(server.port);
    clients.push(client);
    await client.command(`l LOGIN ada "${PASSWORD}"`);
    return client;
  }

  async function selected(name: string): Promise<RawClient> {
    const client = await signedIn();
    const lines = await client.command(`s SELECT ${name}`);
    expect(lines.at(-1)).toMatch(/^s OK \[READ-WRITE\]/);
    return client;
  }

  const append = (name: string, text: string, flags: { system?: number; keywords?: string[] } = {}) =>
    server.fixture.append(Buffer.from(text, 'latin1'), { mailbox: name, ...flags });

  describe('SELECT', () => {
    it('says all that RFC 3501 demands, and the exact EXISTS', async () => {
      await mailbox('sel');
      await append('sel', message('one'), { system: systemFlags['\\Seen'] });
      await append('sel', message('two'), { keywords: ['$Junk'] });
      const client = await signedIn();
      const state = await server.fixture.store.findMailbox('ada', 'sel', { signal: AbortSignal.timeout(10_000) });
      expect(await client.command('a SELECT sel')).toEqual([
        '* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $Junk)',
        '* OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $Junk \\*)] Flags that are kept',
        '* 2 EXISTS',
        '* 2 RECENT',
        '* OK [UNSEEN 2] First unseen message',
        `* OK [UIDVALIDITY ${state!.uidValidity}] UIDs valid`,
        '* OK [UIDNEXT 3] Predicted next UID',
        `* OK [HIGHESTMODSEQ ${state!.highestModSeq}] Highest mod-sequence`,
        expect.stringMatching(/^\* OK \[MAILBOXID \(F[-0-9a-f]+\)\]/),
        'a OK [READ-WRITE] SELECT completed',
      ]);
      // \Recent was claimed: a second session has none, and EXAMINE may change nothing.
      const second = await signedIn();
      const lines = await second.command('a EXAMINE sel');
      expect(lines).toContain('* 0 RECENT');
      expect(lines).toContain('* OK [PERMANENTFLAGS ()] Flags that are kept');
      expect(lines.at(-1)).toMatch(/^a OK \[READ-ONLY\]/);
      expect((await second.command('b STORE 1 +FLAGS (\\Seen)')).at(-1)).toMatch(/^b NO \[READ-ONLY\]/);
      expect((await second.command('c SELECT nowhere')).at(-1)).toMatch(/^c NO \[NONEXISTENT\]/);
      expect((await second.command('d FETCH 1 FLAGS')).at(-1)).toMatch(/^d BAD/);
    });
  });

  describe('FETCH', () => {
    it('gives every item, and marks as read what is read without PEEK', async () => {
      await mailbox('fetch');
      const uid = await append('fetch', message('one'));
      const client = await selected('fetch');
      const text = message('one');
      const ann = '(("Ann" NIL "ann" "example.org"))';
      const envelope = `"Sat, 31 Oct 2026 10:00:00 +0100" "one" ${ann} ${ann} ${ann} NIL NIL NIL NIL NIL`;
      const structure = '"text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 8 1';
      const header = text.slice(0, text.indexOf('\r\n\r\n') + 4);
      expect(
        await client.command('a FETCH 1 (FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE)'),
      ).toEqual([
        `* 1 FETCH (FLAGS (\\Recent) UID ${uid} INTERNALDATE " 1-Nov-2026 12:00:00 +0000" RFC822.SIZE ${text.length} ENVELOPE (${envelope}) BODY (${structure}) BODYSTRUCTURE (${structure} NIL NIL NIL NIL))`,
        'a OK FETCH completed',
      ]);
      expect((await client.command('b UID FETCH 1:* (BODY.PEEK[HEADER])')).join('\r\n')).toBe(
        `* 1 FETCH (UID ${uid} BODY[HEADER] {${header.length}}\r\n${header})\r\nb OK FETCH completed`,
      );
      expect(
        (await client.command('c FETCH 1 (BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY.PEEK[]<5.3>)')).join('\r\n'),
      ).toBe(
        '* 1 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {16}\r\nSubject: one\r\n\r\n BODY[]<5> {3}\r\n An)\r\nc OK FETCH completed'.replace(
          ' Ann)',
          ' An)',
        ),
      );
      const body = await client.command('d FETCH 1 BODY[TEXT]');
      expect(body.join('\r\n')).toBe(
        '* 1 FETCH (BODY[TEXT] {8}\r\nHello.\r\n FLAGS (\\Seen \\Recent))\r\nd OK FETCH completed',
      );
      expect((await client.command('e FETCH 1 (BODY[9] FLAGS)')).at(0)).toBe(
        '* 1 FETCH (BODY[9] NIL FLAGS (\\Seen \\Recent))',
      );
      expect((await client.command('f FETCH 2 FLAGS')).at(-1)).toMatch(/^f BAD/);
      expect(await client.command('g UID FETCH 999 FLAGS')).toEqual(['g OK FETCH completed']);
      expect((await client.command('h FETCH 1 RFC822')).join('\r\n')).toBe(
        `* 1 FETCH (RFC822 {${text.length}}\r\n${text})\r\nh OK FETCH completed`,
      );
    });

    it('streams what is big, whole and in parts', async () => {
      await mailbox('big');
      const body = `${'0123456789abcde\n'.repeat(70_000)}`;
      await append('big', message('big', body));
      const client = await selected('big');
      const text = message('big', body);
      const whole = (await client.command('a FETCH 1 BODY.PEEK[]')).join('\r\n');
      expect(whole).toBe(`* 1 FETCH (BODY[] {${text.length}}\r\n${text})\r\na OK FETCH completed`);
      const part = (await client.command('b FETCH 1 BODY.PEEK[]<500000.100>')).join('\r\n');
      expect(part).toBe(`* 1 FETCH (BODY[]<500000> {100}\r\n${text.slice(500_000, 500_100)})\r\nb OK FETCH completed`);
      const behind = (await client.command('c FETCH 1 BODY.PEEK[]<50000000.100>')).join('\r\n');
      expect(behind).toBe('* 1 FETCH (BODY[]<50000000> {0}\r\n)\r\nc OK FETCH completed');
    });

    it('asks one statement a batch, and none for flags', async () => {
      await mailbox('many');
      for (let i = 0; i < 20; i++) await append('many', message(`m${i}`));
      const client = await selected('many');
      const before = server.fixture.statements.length;
      expect(await client.command('a FETCH 1:* (UID FLAGS)')).toHaveLength(21);
      expect(server.fixture.statements.length).toBe(before);
      expect(await client.command('b FETCH 1:* (ENVELOPE)')).toHaveLength(21);
      expect(server.fixture.statements.length - before).toBeLessThanOrEqual(2);
    });
  });

  describe('STORE', () => {
    it('answers with the flags, is silent when told so, and minds UNCHANGEDSINCE', async () => {
      await mailbox('store');
      await append('store', message('one'));
      await append('store', message('two'));
      const client = await selected('store');
      expect(await client.command('a STORE 1:2 +FLAGS (\\Flagged $New)')).toEqual([
        '* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $New)',
        '* OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $New \\*)] Flags that are kept',
        '* 1 FETCH (UID 1 FLAGS (\\Flagged \\Recent $New))',
        '* 2 FETCH (UID 2 FLAGS (\\Flagged \\Recent $New))',
        'a OK STORE completed',
      ]);
      expect(await client.command('b STORE 1 -FLAGS.SILENT (\\Flagged)')).toEqual(['b OK STORE completed']);
      const lines = (await client.command('c FETCH 1 (MODSEQ)')).join(' ');
      const modSeq = Number(/MODSEQ \((\d+)\)/.exec(lines)?.[1]);
      expect(await client.command(`d STORE 1:2 (UNCHANGEDSINCE ${modSeq - 1}) FLAGS ()`)).toEqual([
        `* 1 FETCH (UID 1 FLAGS (\\Recent $New) MODSEQ (${modSeq}))`,
        `* 2 FETCH (UID 2 FLAGS (\\Recent) MODSEQ (${modSeq + 1}))`,
        'd OK [MODIFIED 1] Some messages were changed by others and left alone',
      ]);
      expect(await client.command('e STORE 2 +FLAGS.SILENT (\\Seen)')).toEqual([
        `* 2 FETCH (UID 2 MODSEQ (${modSeq + 2}))`,
        'e OK STORE completed',
      ]);
      expect(await client.command(`f FETCH 1:* (FLAGS) (CHANGEDSINCE ${modSeq})`)).toEqual([
        `* 2 FETCH (FLAGS (\\Seen \\Recent) MODSEQ (${modSeq + 2}))`,
        'f OK FETCH completed',
      ]);
    });
  });

  describe('STORE with .SILENT', () => {
    it('tells of messages that another process has changed in a way that the client cannot know', async () => {
      await mailbox('silent');
      for (const n of ['one', 'two', 'three']) await append('silent', message(n));
      const client = await selected('silent');
      const { store } = server.fixture;
      const [attempt, found] = [
        { signal: AbortSignal.timeout(10_000) },
        await store.findMailbox('ada', 'silent', { signal: AbortSignal.timeout(10_000) }),
      ];
      const elsewhere = async (uid: number, keywords: string[]) =>
        await store.storeFlags(
          {
            operation: crypto.randomUUID() as never,
            mailbox: found!.id,
            uids: [uid as never],
            change: { mode: 'add', system: systemFlags['\\Flagged'], keywords },
            unchangedSince: null,
          },
          attempt,
        );
      await elsewhere(1, []);
      expect(await client.command('a STORE 1:3 +FLAGS.SILENT (\\Seen $Mine)')).toEqual([
        '* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $Mine)',
        '* OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $Mine \\*)] Flags that are kept',
        '* 1 FETCH (UID 1 FLAGS (\\Seen \\Flagged \\Recent $Mine))',
        'a OK STORE completed',
      ]);
      await elsewhere(2, ['$Theirs']);
      expect(await client.command('b STORE 1:3 -FLAGS.SILENT (\\Seen)')).toEqual([
        '* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $Mine $Theirs)',
        expect.stringContaining('$Theirs'),
        '* 2 FETCH (UID 2 FLAGS (\\Flagged \\Recent $Mine $Theirs))',
        'b OK STORE completed',
      ]);
      await elsewhere(3, []);
      // What is replaced is known whatever it was before.
      expect(await client.command('c STORE 1:3 FLAGS.SILENT (\\Draft)')).toEqual(['c OK STORE completed']);
    });
  });

  describe('EXPUNGE, COPY and MOVE', () => {
    it('remove, copy and move, and say where to', async () => {
      await mailbox('from');
      await mailbox('to');
      for (const subject of ['a', 'b', 'c', 'd', 'e']) await append('from', message(subject));
      const client = await selected('from');
      const target = await server.fixture.store.findMailbox('ada', 'to', { signal: AbortSignal.timeout(10_000) });
      expect(await client.command('a COPY 1:2 to')).toEqual([
        `a OK [COPYUID ${target!.uidValidity} 1:2 1:2] COPY completed`,
      ]);
      expect((await client.command('b COPY 1 nowhere')).at(-1)).toMatch(/^b NO \[TRYCREATE\]/);
      expect(await client.command('c MOVE 2,4 to')).toEqual([
        `* OK [COPYUID ${target!.uidValidity} 2,4 3:4] Moved`,
        '* 4 EXPUNGE',
        '* 2 EXPUNGE',
        'c OK MOVE completed',
      ]);
      await client.command('d STORE 1,3 +FLAGS.SILENT (\\Deleted)');
      expect(await client.command('e UID EXPUNGE 5')).toEqual(['* 3 EXPUNGE', 'e OK EXPUNGE completed']);
      expect(await client.command('f EXPUNGE')).toEqual(['* 1 EXPUNGE', 'f OK EXPUNGE completed']);
      expect(await client.command('g UID FETCH 1:* UID')).toEqual(['* 1 FETCH (UID 3)', 'g OK FETCH completed']);
      await client.command('h STORE 1 +FLAGS.SILENT (\\Deleted)');
      expect(await client.command('i CLOSE')).toEqual(['i OK CLOSE completed']);
      expect(await client.command('j SELECT from')).toContain('* 0 EXISTS');
      expect(await client.command('k UID FETCH 1:* FLAGS')).toEqual(['k OK FETCH completed']);
    });

    it('COPY into the selected mailbox tells EXISTS before it ends', async () => {
      await mailbox('self');
      await append('self', message('a'));
      const client = await selected('self');
      const lines = await client.command('a COPY 1 self');
      expect(lines.slice(0, -1)).toEqual(['* 2 EXISTS', '* 2 RECENT']);
    });
  });

  describe('what others do', () => {
    it('is told, EXPUNGE only when numbers may move; content of what they expunged is served till then', async () => {
      await mailbox('shared');
      for (const subject of ['a', 'b', 'c']) await append('shared', message(subject));
      const [one, two] = [await selected('shared'), await selected('shared')];
      await one.command('a STORE 1 +FLAGS.SILENT (\\Deleted)');
      await one.command('b EXPUNGE');
      const fetched = await two.command('a FETCH 1:3 (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])');
      expect(fetched.filter((line) => line.startsWith('* ') || line.startsWith('Subject'))).toEqual([
        '* 1 FETCH (UID 1 BODY[HEADER.FIELDS (SUBJECT)] {14}',
        'Subject: a',
        '* 2 FETCH (UID 2 BODY[HEADER.FIELDS (SUBJECT)] {14}',
        'Subject: b',
        '* 3 FETCH (UID 3 BODY[HEADER.FIELDS (SUBJECT)] {14}',
        'Subject: c',
        '* 1 FETCH (UID 1 FLAGS (\\Deleted))',
      ]);
      expect(await two.command('b NOOP')).toEqual(['* 1 EXPUNGE', 'b OK NOOP completed']);
      await append('shared', message('d'));
      expect(await two.command('c NOOP')).toEqual(['* 3 EXISTS', '* 1 RECENT', 'c OK NOOP completed']);
      await two.command('d STORE 1 +FLAGS (\\Answered)');
      expect(await one.command('c NOOP')).toEqual([
        '* 3 EXISTS',
        '* 2 RECENT',
        '* 1 FETCH (UID 2 FLAGS (\\Answered \\Recent))',
        'c OK NOOP completed',
      ]);
    });

    it('reaches a session in IDLE at once', async () => {
      await mailbox('idle');
      await append('idle', message('a'));
      const [one, two] = [await selected('idle'), await selected('idle')];
      two.send('i IDLE\r\n');
      expect(await two.readLine()).toBe('+ idling');
      await one.command('a STORE 1 +FLAGS (\\Flagged)');
      expect(await two.readLine()).toBe('* 1 FETCH (UID 1 FLAGS (\\Flagged))');
      await append('idle', message('b'));
      await server.mailboxes.views.announce(
        (await server.fixture.store.findMailbox('ada', 'idle', { signal: AbortSignal.timeout(5000) }))!.id,
        null,
      );
      expect(await two.readLine()).toBe('* 2 EXISTS');
      expect(await two.readLine()).toBe('* 1 RECENT');
      two.send('DONE\r\n');
      expect(await two.readTagged('i')).toEqual(['i OK IDLE completed']);
    });
  });

  describe('statements', () => {
    const statementsOf = async (client: RawClient, command: string): Promise<number> => {
      const before = server.fixture.statementNames.length;
      expect((await client.command(`q ${command}`)).at(-1)).toMatch(/^q OK/);
      const sent = server.fixture.statementNames.slice(before);
      return sent.filter((name) => !name.startsWith('modseq-')).length; // the poll comes when it comes
    };

    it('are as many for twenty messages as for two', async () => {
      const counts: number[][] = [];
      for (const size of [2, 20]) {
        const name = `stat${size}`;
        await mailbox(name);
        for (let i = 0; i < size; i++) await append(name, message(`s${i}`));
        const client = await selected(name);
        const of: number[] = [];
        for (const command of [
          'FETCH 1:* (FLAGS UID)',
          'FETCH 1:* (FLAGS BODY[])',
          'SEARCH TEXT hello SUBJECT s LARGER 1',
          'STORE 1:* +FLAGS (\\Answered)',
          'COPY 1:* INBOX',
          'STORE 1:* +FLAGS (\\Deleted)',
          'EXPUNGE',
        ]) {
          of.push(await statementsOf(client, command));
        }
        counts.push(of);
      }
      expect(counts[1]).toEqual(counts[0]);
      expect(counts[0]?.[0]).toBe(0);
    });
  });

  describe('a selected mailbox', () => {
    it('that is deleted looks empty, and nothing can be done with it any more', async () => {
      await mailbox('doomed');
      await append('doomed', message('a'));
      const [one, two] = [await selected('doomed'), await signedIn()];
      expect((await two.command('a DELETE doomed')).at(-1)).toMatch(/^a OK/);
      expect((await one.command('a STORE 1 +FLAGS (\\Seen)')).at(-1)).toMatch(/^a NO \[NONEXISTENT\]/);
      expect(await one.command('b NOOP')).toEqual(['* 1 EXPUNGE', 'b OK NOOP completed']);
      expect(await one.command('c UID SEARCH ALL')).toEqual(['* SEARCH', 'c OK SEARCH completed']);
      expect((await one.command('d SELECT doomed')).at(-1)).toMatch(/^d NO \[NONEXISTENT\]/);
    });

    it('is known to be alive in IDLE', async () => {
      const quick = await startImapServer({ engine, handlers: [idle({ keepAliveMs: 20 }) as CommandHandler] });
      try {
        const client = await RawClient.greeted(quick.port);
        clients.push(client);
        await client.command(`l LOGIN ada "${PASSWORD}"`);
        client.send('i IDLE\r\n');
        expect(await client.readLine()).toBe('+ idling');
        expect(await client.readLine()).toBe('* OK Still here');
        expect(await client.readLine()).toBe('* OK Still here');
        client.send('nonsense\r\n');
        expect((await client.readTagged('i')).at(-1)).toBe('i BAD Expected DONE');
      } finally {
        await quick.stop();
      }
    });

    it('keeps the connection usable when a client asks for nothing that is there', async () => {
      await mailbox('empty');
      const client = await selected('empty');
      expect((await client.command('a FETCH 1:* FLAGS')).at(-1)).toMatch(/^a BAD/);
      expect(await client.command('b UID FETCH 1:* FLAGS')).toEqual(['b OK FETCH completed']);
      expect(await client.command('c UID STORE 1:* +FLAGS (\\Seen)')).toEqual(['c OK STORE completed']);
      expect(await client.command('d SEARCH ALL')).toEqual(['* SEARCH', 'd OK SEARCH completed']);
      expect(await client.command('e EXPUNGE')).toEqual(['e OK EXPUNGE completed']);
      expect((await client.command('f UID MOVE 1:* empty')).at(-1)).toMatch(/^f OK/);
    });
  });

  describe('SEARCH', () => {
    it('finds by flags, sizes, dates, headers and text', async () => {
      await mailbox('search');
      await append('search', message('Invoice one', 'please pay'), { system: systemFlags['\\Seen'] });
      await append('search', message('=?utf-8?q?Gr=C3=BC=C3=9Fe?=', 'nothing'), { keywords: ['$Junk'] });
      await append('search', message('invoice two', 'x'.repeat(300_000)));
      const client = await selected('search');
      const ids = async (what: string): Promise<string> => (await client.command(`q SEARCH ${what}`))[0]!;
      expect(await ids('ALL')).toBe('* SEARCH 1 2 3');
      expect(await ids('UNSEEN')).toBe('* SEARCH 2 3');
      expect(await ids('KEYWORD $junk')).toBe('* SEARCH 2');
      expect(await ids('SUBJECT invoice')).toBe('* SEARCH 1 3');
      expect(await ids('OR BODY pay LARGER 100000')).toBe('* SEARCH 1 3');
      expect(await ids('NOT SUBJECT invoice SEEN')).toBe('* SEARCH');
      expect(await ids('TEXT ann@example')).toBe('* SEARCH 1 2 3');
      expect(await ids('SENTON 31-Oct-2026 ON 1-Nov-2026')).toBe('* SEARCH 1 2 3');
      expect(await ids('HEADER X-ODD ""')).toBe('* SEARCH 1 2 3');
      expect(await client.command('u UID SEARCH RETURN (MIN MAX COUNT ALL) UNSEEN')).toEqual([
        '* ESEARCH (TAG "u") UID MIN 2 MAX 3 ALL 2:3 COUNT 2',
        'u OK SEARCH completed',
      ]);
      expect((await client.command('m SEARCH MODSEQ 1 SEEN')).at(-2)).toMatch(/^\* SEARCH 1 \(MODSEQ \d+\)$/);
      expect((await client.command('c SEARCH CHARSET klingon TEXT x')).at(-1)).toMatch(/^c NO \[BADCHARSET/);
    });
  });

  describe('the first use of CONDSTORE with a mailbox selected', () => {
    const uses = [
      'ENABLE CONDSTORE',
      'FETCH 1 MODSEQ',
      'FETCH 1 (FLAGS) (CHANGEDSINCE 1)',
      'SEARCH MODSEQ 1',
      'STORE 1 (UNCHANGEDSINCE 1) +FLAGS.SILENT (\\Seen)',
      'STATUS INBOX (HIGHESTMODSEQ)',
      'LIST "" INBOX RETURN (STATUS (HIGHESTMODSEQ))',
    ];
    it.each(uses.map((command, number) => [command, `cond${number}`] as const))(
      '%s tells HIGHESTMODSEQ, after the changes below it, and once',
      async (command, name) => {
        await mailbox(name);
        await append(name, message('a'));
        const [client, other] = [await selected(name), await selected(name)];
        await other.command('o STORE 1 +FLAGS.SILENT (\\Flagged)');
        const state = await server.fixture.store.findMailbox('ada', name, { signal: AbortSignal.timeout(10_000) });
        const modSeq = state?.highestModSeq;
        const lines = await client.command(`a ${command}`);
        expect(lines.at(-1)).toMatch(/^a OK/);
        const told = lines.indexOf(`* OK [HIGHESTMODSEQ ${modSeq}] Highest mod-sequence`);
        expect(lines[told - 1]).toMatch(new RegExp(`^\\* 1 FETCH .*\\\\Flagged.*MODSEQ \\(${modSeq}\\)`));
        for (const again of uses)
          expect((await client.command(`b ${again}`)).join(' ')).not.toContain('[HIGHESTMODSEQ');
      },
    );
  });
});
