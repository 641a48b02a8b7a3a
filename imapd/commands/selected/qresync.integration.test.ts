import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { defaultLimits, defaultRetention } from '../../store/collect/collect.ts';
import { attempt, operation } from '../../store/test-support/store-fixture.ts';
import { systemFlags, type Uid } from '../../store/types.ts';

// Promise: RFC 7162, 3.2, section by section: who was away is told what has gone and what has changed, and nothing else.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  let box = '';
  let boxes = 0;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    server = await startImapServer({ engine });
  });
  /** A mailbox with the messages 1 to 6. */
  beforeEach(async () => {
    box = `box${boxes++}`;
    await server.fixture.store.createMailbox(
      { operation: operation(), owner: 'ada', name: box, specialUse: [] },
      attempt,
    );
    for (let n = 1; n <= 6; n++) await append();
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await server?.stop();
  });

  const append = (): Promise<Uid> => server.fixture.append('Subject: x\r\n\r\nx\r\n', { mailbox: box });

  async function state(name = box) {
    const found = await server.fixture.store.findMailbox('ada', name, attempt);
    if (found === null) throw new Error(`there is no ${name}`);
    return found;
  }

  async function signedIn(): Promise<RawClient> {
    const client = await RawClient.greeted(server.port);
    clients.push(client);
    await client.command(`l LOGIN ada "${PASSWORD}"`);
    return client;
  }

  async function enabled(): Promise<RawClient> {
    const client = await signedIn();
    expect(await client.command('e ENABLE QRESYNC')).toEqual(['* ENABLED QRESYNC', 'e OK ENABLE completed']);
    return client;
  }

  /** One that says what it knows, and is told. */
  async function resynced(known: string, how = 'SELECT'): Promise<string[]> {
    const client = await enabled();
    const lines = await client.command(`s ${how} ${box} (QRESYNC (${known}))`);
    expect(lines.at(-1)).toMatch(/^s OK/);
    return lines.slice(0, -1).filter((line) => /VANISHED|FETCH/.test(line));
  }

  async function selected(client: RawClient): Promise<RawClient> {
    expect((await client.command(`s SELECT ${box}`)).at(-1)).toMatch(/^s OK \[READ-WRITE\]/);
    return client;
  }

  /** By another process, of which this one has not heard yet. */
  async function expunge(...uids: number[]): Promise<number> {
    const { id } = await state();
    const request = { operation: operation(), mailbox: id, uids: uids as Uid[], onlyDeleted: false };
    const outcome = await server.fixture.store.expunge(request, attempt);
    if (outcome.kind !== 'expunged') throw new Error(outcome.kind);
    return outcome.modSeq;
  }

  async function flag(...uids: number[]): Promise<number> {
    const { id } = await state();
    const change = { mode: 'add', system: systemFlags['\\Flagged'], keywords: [] } as const;
    const request = { operation: operation(), mailbox: id, uids: uids as Uid[], change, unchangedSince: null };
    const outcome = await server.fixture.store.storeFlags(request, attempt);
    if (outcome.kind !== 'stored') throw new Error(outcome.kind);
    return outcome.modSeq;
  }

  const collectTombstones = async (): Promise<void> => {
    const retention = { ...defaultRetention, content: 0, tombstones: 0 };
    await server.fixture.collect({ ...defaultLimits, retention });
  };

  describe('ENABLE (3.2.3)', () => {
    it.each([
      { ask: 'QRESYNC', told: 'QRESYNC' },
      { ask: 'CONDSTORE QRESYNC X-NONE', told: 'CONDSTORE QRESYNC' },
    ])('$ask brings CONDSTORE with it', async ({ ask, told }) => {
      const client = await signedIn();
      expect((await client.command('c CAPABILITY'))[0]).toContain(' QRESYNC');
      expect((await client.command(`e ENABLE ${ask}`))[0]).toBe(`* ENABLED ${told}`);
      await selected(client);
      const modSeq = await flag(2);
      expect(await client.command('n NOOP')).toEqual([
        `* 2 FETCH (UID 2 FLAGS (\\Flagged \\Recent) MODSEQ (${modSeq}))`,
        'n OK NOOP completed',
      ]);
    });

    it('what needs it is BAD without it, and leaves the selected mailbox alone', async () => {
      const client = await selected(await signedIn());
      expect(await client.command(`a SELECT ${box} (QRESYNC (1 1))`)).toEqual([
        expect.stringMatching(/^a BAD \[CLIENTBUG\]/),
      ]);
      expect((await client.command('b UID FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)')).at(-1)).toMatch(/^b BAD/);
      expect((await client.command('c FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)')).at(-1)).toMatch(/^c BAD/);
      expect((await client.command('d UID FETCH 1 FLAGS (VANISHED)')).at(-1)).toMatch(/^d BAD/);
      expect((await client.command('e CHECK')).at(-1)).toMatch(/^e OK/);
    });
  });

  describe('SELECT (QRESYNC …) (3.2.5)', () => {
    it.each(['SELECT', 'EXAMINE'])(
      '%s tells everything that a plain one tells, then what has gone, then flags',
      async (how) => {
        const before = await state();
        const modSeq = [await flag(2), await expunge(1, 4), await flag(6)];
        const uid = await append();
        const now = await state();
        const client = await enabled();
        const lines = await client.command(`s ${how} ${box} (QRESYNC (${before.uidValidity} ${before.highestModSeq}))`);
        const told = lines.map((line) => line.replace(/ ?\\Recent/, ''));
        expect(told.slice(2)).toEqual([
          '* 5 EXISTS',
          expect.stringMatching(/^\* \d RECENT$/),
          expect.stringContaining('UNSEEN 1'),
          `* OK [UIDVALIDITY ${now.uidValidity}] UIDs valid`,
          `* OK [UIDNEXT ${now.uidNext}] Predicted next UID`,
          `* OK [HIGHESTMODSEQ ${now.highestModSeq}] Highest mod-sequence`,
          expect.stringContaining('[MAILBOXID '),
          '* VANISHED (EARLIER) 1,4',
          `* 1 FETCH (UID 2 FLAGS (\\Flagged) MODSEQ (${modSeq[0]}))`,
          `* 4 FETCH (UID 6 FLAGS (\\Flagged) MODSEQ (${modSeq[2]}))`,
          `* 5 FETCH (UID ${uid} FLAGS () MODSEQ (${now.highestModSeq}))`,
          expect.stringMatching(/^s OK \[READ-(WRITE|ONLY)\]/),
        ]);
      },
    );

    it('tells nothing where nothing has happened, and asks the database no more than a plain SELECT', async () => {
      const { uidValidity, highestModSeq } = await state();
      const client = await selected(await enabled());
      const { statementNames } = server.fixture;
      const count = async (command: string): Promise<number> => {
        const before = statementNames.length;
        expect((await client.command(command)).filter((line) => /VANISHED|FETCH/.test(line))).toEqual([]);
        return statementNames.slice(before).filter((name) => !name.startsWith('modseq-')).length;
      };
      const plain = await count(`a SELECT ${box}`);
      expect(await count(`b SELECT ${box} (QRESYNC (${uidValidity} ${highestModSeq}))`)).toBe(plain);
    });

    it('ignores what is known under another UIDVALIDITY', async () => {
      const { uidValidity, highestModSeq } = await state();
      await expunge(3);
      expect(await resynced(`${uidValidity - 1} ${highestModSeq}`)).toEqual([]);
    });

    it('tells only of the UIDs that are known (3.2.5.1)', async () => {
      const { uidValidity, highestModSeq } = await state();
      await expunge(1, 3, 5);
      const modSeq = await flag(2, 6);
      const lines = await resynced(`${uidValidity} ${highestModSeq} 2:3,900:1000`);
      expect(lines.map((line) => line.replace(/ ?\\Recent/, ''))).toEqual([
        '* VANISHED (EARLIER) 3',
        `* 1 FETCH (UID 2 FLAGS (\\Flagged) MODSEQ (${modSeq}))`,
      ]);
    });

    it('tells nothing below a message whose number is known and right (3.2.5.2)', async () => {
      const { uidValidity, highestModSeq } = await state();
      await expunge(1, 3, 5);
      expect(await resynced(`${uidValidity} ${highestModSeq} 1:6 (1:2 2,4)`)).toEqual(['* VANISHED (EARLIER) 5']);
      expect(await resynced(`${uidValidity} ${highestModSeq} (2,4 2,4)`)).toEqual(['* VANISHED (EARLIER) 1,3,5']);
    });

    it('tells by what exists where tombstones are no longer kept (3.2.6), less where numbers are known', async () => {
      const { uidValidity, highestModSeq } = await state();
      const modSeq = await expunge(1, 3);
      await collectTombstones();
      await expunge(5);
      expect(await resynced(`${uidValidity} ${highestModSeq}`)).toEqual(['* VANISHED (EARLIER) 1,3,5']);
      expect(await resynced(`${uidValidity} ${highestModSeq} (1 2)`)).toEqual(['* VANISHED (EARLIER) 3,5']);
      // Since then tombstones are whole.
      expect(await resynced(`${uidValidity} ${modSeq}`)).toEqual(['* VANISHED (EARLIER) 5']);
    });

    it('tells all to who knows no mod-sequence, or one that was never given', async () => {
      const { uidValidity } = await state();
      await expunge(2, 3);
      for (const modSeq of ['0', '9223372036854775807']) {
        const lines = await resynced(`${uidValidity} ${modSeq}`);
        expect(lines[0]).toBe('* VANISHED (EARLIER) 2:3');
        expect(lines.slice(1).map((line) => /UID (\d+)/.exec(line)?.[1])).toEqual(['1', '4', '5', '6']);
      }
    });

    it('tells nothing of a mailbox that never had a message', async () => {
      box = `${box}-empty`;
      await server.fixture.store.createMailbox(
        { operation: operation(), owner: 'ada', name: box, specialUse: [] },
        attempt,
      );
      const { uidValidity } = await state();
      expect(await resynced(`${uidValidity} 1`)).toEqual([]);
      expect(await resynced(`${uidValidity} 0 1:100`)).toEqual([]);
    });
  });

  describe('UID FETCH (CHANGEDSINCE … VANISHED) (3.2.6)', () => {
    it('tells what is gone of the set before any message; what others have expunged meanwhile comes as news', async () => {
      const { highestModSeq } = await state();
      await expunge(2, 3);
      const client = await selected(await enabled());
      const modSeq = await flag(4);
      await client.command('n NOOP');
      await expunge(5);
      const lines = await client.command(`a UID FETCH 1:3,4:* (FLAGS) (CHANGEDSINCE ${highestModSeq} VANISHED)`);
      expect(lines[0]).toBe('* VANISHED (EARLIER) 2:3');
      expect(lines[1]).toBe(`* 2 FETCH (UID 4 FLAGS (\\Flagged \\Recent) MODSEQ (${modSeq}))`);
      expect([...lines, ...(await client.command('b NOOP'))]).toContain('* VANISHED 5');
      const later = await client.command(`c UID FETCH 3:* (FLAGS) (CHANGEDSINCE ${modSeq} VANISHED)`);
      expect(later.slice(0, -1)).toEqual(['* VANISHED (EARLIER) 5']);
    });

    it('reaches the largest UID there ever was by "*"', async () => {
      const { highestModSeq } = await state();
      const client = await selected(await enabled());
      await expunge(5, 6);
      await client.command('n NOOP');
      const lines = await client.command(`a UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${highestModSeq} VANISHED)`);
      expect(lines).toEqual(['* VANISHED (EARLIER) 5:6', 'a OK FETCH completed']);
    });
  });

  describe('VANISHED in place of EXPUNGE (3.2.10.2)', () => {
    it.each(['EXPUNGE', 'UID EXPUNGE 1:6'])('%s tells it, and HIGHESTMODSEQ (3.2.7, 3.2.9)', async (command) => {
      const client = await selected(await enabled());
      await client.command('d STORE 2:4 +FLAGS.SILENT (\\Deleted)');
      const lines = await client.command(`a ${command}`);
      const { highestModSeq } = await state();
      expect(lines[0]).toBe('* VANISHED 2:4');
      expect(lines.at(-1)).toBe(`a OK [HIGHESTMODSEQ ${highestModSeq}] EXPUNGE completed`);
      expect(lines.join('\n')).not.toContain(' EXPUNGE\n');
    });

    it.each(['MOVE 2:3 INBOX', 'UID MOVE 2:3 INBOX'])(
      '%s tells it, and HIGHESTMODSEQ (RFC 6851, 4.4)',
      async (command) => {
        const client = await selected(await enabled());
        const lines = await client.command(`a ${command}`);
        const { highestModSeq } = await state();
        expect(lines[0]).toMatch(/^\* OK \[COPYUID/);
        expect(lines[1]).toBe('* VANISHED 2:3');
        expect(lines.at(-1)).toBe(`a OK [HIGHESTMODSEQ ${highestModSeq}] MOVE completed`);
      },
    );

    it('CLOSE says nothing of it, nor HIGHESTMODSEQ (3.2.8)', async () => {
      const client = await selected(await enabled());
      await client.command('d STORE 2 +FLAGS.SILENT (\\Deleted)');
      expect(await client.command('a CLOSE')).toEqual(['a OK CLOSE completed']);
      expect((await state()).messages).toBe(5);
    });

    it('reaches a session in IDLE', async () => {
      const client = await selected(await enabled());
      client.send('i IDLE\r\n');
      expect(await client.readLine()).toBe('+ idling');
      const modSeq = await expunge(1, 2, 6);
      await server.mailboxes.views.announce((await state()).id, null);
      expect(await client.readLine()).toBe('* VANISHED 1:2,6');
      expect(await client.readLine()).toBe(`* OK [HIGHESTMODSEQ ${modSeq}] All is told up to here`);
      client.send('DONE\r\n');
      expect(await client.readTagged('i')).toEqual(['i OK IDLE completed']);
    });

    it('names no message that the session was not told of', async () => {
      const client = await selected(await enabled());
      const uid = await append();
      await expunge(uid, 6);
      const lines = await client.command('a NOOP');
      expect(lines.filter((line) => line.includes('VANISHED'))).toEqual(['* VANISHED 6']);
      expect(lines.join('\n')).not.toContain('EXISTS');
    });

    it('says goodbye to every message of a mailbox that is deleted', async () => {
      const client = await selected(await enabled());
      await (await signedIn()).command(`d DELETE ${box}`);
      expect((await client.command('a NOOP'))[0]).toBe('* VANISHED 1:6');
    });

    it('is withheld from FETCH, STORE and SEARCH, which keep HIGHESTMODSEQ below it (3.2, 6)', async () => {
      const client = await selected(await enabled());
      const before = (await state()).highestModSeq;
      const gone = await expunge(2);
      const flagged = await flag(4);
      await server.mailboxes.views.announce((await state()).id, null);
      const withheld = `* OK [HIGHESTMODSEQ ${before}] All is told up to here`;
      const lines = await client.command('a FETCH 1 (UID FLAGS)');
      expect(lines).toContain(withheld);
      expect(lines).toContain(`* 4 FETCH (UID 4 FLAGS (\\Flagged \\Recent) MODSEQ (${flagged}))`);
      for (const command of ['STORE 4 +FLAGS (\\Seen)', 'SEARCH ALL', 'UID SEARCH 1:6', 'UID SEARCH NOT 3']) {
        const told = (await client.command(`b ${command}`)).join('\n');
        expect(told).toContain(withheld);
        expect(told).not.toContain('VANISHED');
      }
      const told = await client.command('c UID SEARCH UID 1:6');
      expect(told[0]).toBe('* SEARCH 1 2 3 4 5 6');
      expect(told[1]).toBe('* VANISHED 2');
      const highest = Number(/HIGHESTMODSEQ (\d+)/.exec(told[2] ?? '')?.[1]);
      expect(highest).toBeGreaterThan(gone);
      expect(highest).toBe((await state()).highestModSeq);
    });

    it('is EXPUNGE for all others', async () => {
      const [quick, plain] = [await selected(await enabled()), await selected(await signedIn())];
      await expunge(1, 3);
      expect((await quick.command('a NOOP'))[0]).toBe('* VANISHED 1,3');
      expect(await plain.command('a NOOP')).toEqual(['* 3 EXPUNGE', '* 1 EXPUNGE', 'a OK NOOP completed']);
    });
  });

  it('FETCH that sets \\Seen tells UID and mod-sequence, too (3.2.4)', async () => {
    const client = await selected(await enabled());
    const lines = (await client.command('a FETCH 3 BODY[TEXT]')).join('\r\n');
    expect(lines).toMatch(
      /^\* 3 FETCH \(BODY\[TEXT\] \{3\}\r\nx\r\n UID 3 FLAGS \(\\Seen \\Recent\) MODSEQ \(\d+\)\)\r\n/,
    );
  });

  describe('CLOSED (3.2.11)', () => {
    it.each([
      { who: 'who enabled QRESYNC', client: enabled },
      { who: 'who enabled nothing', client: signedIn },
    ])('$who is told where the responses of another mailbox begin', async ({ client: connect }) => {
      const client = await connect();
      const closed = '* OK [CLOSED] The mailbox that was selected is left';
      expect(await client.command(`a SELECT ${box}`)).not.toContain(closed);
      expect((await client.command('b SELECT INBOX'))[0]).toBe(closed);
      expect(await client.command('c SELECT nowhere')).toEqual([
        closed,
        expect.stringMatching(/^c NO \[NONEXISTENT\]/),
      ]);
      expect((await client.command(`d EXAMINE ${box}`)).join('\n')).not.toContain('CLOSED');
      expect(await client.command('e UNSELECT')).toEqual(['e OK UNSELECT completed']);
    });
  });
});
