import { fastify } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { peerRoutes } from '../../admin/peer-routes.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { startTestServer, type TestServer } from '../../session/test-support/test-server.ts';

// Promise: RFC 5465, section by section: who has asked is told between commands what others do, through whichever process.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  let other: TestServer;
  let client: RawClient;
  let actor: RawClient;
  let box = '';
  let boxes = 0;
  const closing: (() => unknown)[] = [];

  beforeAll(async () => {
    const limits = { notifyPollMs: 500 };
    server = await startImapServer({ engine, limits });
    const { store } = server.fixture;
    other = await startTestServer({ authenticator: async ({ user }) => ({ kind: 'ok', user: { name: user, store } }) });
    const admin = fastify();
    peerRoutes(admin, { setPeers: () => undefined, receiveHints: (body) => server.mailboxes.receiveHints(body) });
    const url = new URL(await admin.listen({ host: '127.0.0.1', port: 0 }));
    closing.push(() => admin.close());
    other.mailboxes.setPeers([{ host: '127.0.0.1', port: Number(url.port) }]);
  });
  /** A client of one process, and one that does things through the other. A mailbox with two messages. */
  beforeEach(async () => {
    box = `box${boxes++}`;
    actor = await signedIn(other.port);
    await actor.command(`c CREATE ${box}`);
    for (const subject of ['one', 'two']) await append(box, subject);
    client = await signedIn(server.port);
  });
  afterAll(async () => {
    for (const close of closing) await close();
    await other?.stop();
    await server?.stop();
  });

  async function signedIn(port: number): Promise<RawClient> {
    const made = await RawClient.greeted(port);
    closing.push(() => made.close());
    await made.command(`l LOGIN ada "${PASSWORD}"`);
    return made;
  }

  async function append(mailbox: string, subject: string, by = actor): Promise<void> {
    const message = `Subject: ${subject}\r\n\r\nx\r\n`;
    expect((await by.command(`p APPEND ${mailbox} {${message.length}+}\r\n${message}`)).at(-1)).toMatch(/^p OK/);
  }

  const done = async (who: RawClient, command: string): Promise<string[]> => {
    const lines = await who.command(command);
    expect(lines.at(-1)).toMatch(/^\S+ OK/);
    return lines.slice(0, -1);
  };

  /**
   * Waits until somebody else, who watches there too, has been told of what `happens` in a mailbox: whoever else was to be told has
   * been by then.
   */
  async function toldToOthers(
    mailbox: string,
    happens: () => Promise<unknown>,
    { port = server.port, event = 'MessageNew MessageExpunge' } = {},
  ): Promise<void> {
    const witness = await signedIn(port);
    await done(witness, `w NOTIFY SET (mailboxes ${mailbox} (${event}))`);
    await happens();
    expect(await witness.readLine()).toContain(mailbox);
    witness.close();
  }

  /** The next line that the client is told without asking. */
  const told = async (): Promise<string> => (await client.readLine()) ?? '';

  describe('mailboxes that are not selected', () => {
    it('new messages, those that are gone, flags (5.1 to 5.3)', async () => {
      expect((await client.command('c CAPABILITY'))[0]).toContain(' NOTIFY');
      expect(await done(client, 'n NOTIFY SET (personal (MessageNew MessageExpunge FlagChange))')).toEqual([]);
      const began = performance.now();
      await append(box, 'three');
      expect(await told()).toMatch(
        new RegExp(`^\\* STATUS ${box} \\(MESSAGES 3 UIDNEXT 4 UIDVALIDITY \\d+ UNSEEN 3\\)$`),
      );
      // By a hint: no poll is waited for.
      expect(performance.now() - began).toBeLessThan(900);
      await done(actor, `s SELECT ${box}`);
      await done(actor, 'f STORE 1 +FLAGS.SILENT (\\Seen)');
      expect(await told()).toMatch(new RegExp(`^\\* STATUS ${box} \\(UIDVALIDITY \\d+ UNSEEN 2\\)$`));
      await done(actor, 'g STORE 1 +FLAGS.SILENT (\\Deleted)');
      await done(actor, 'h EXPUNGE');
      expect(await told()).toMatch(
        new RegExp(`^\\* STATUS ${box} \\(MESSAGES 2 UIDNEXT 4 UIDVALIDITY \\d+ UNSEEN 2\\)$`),
      );
    });

    it('with CONDSTORE every change of flags, by mod-sequence', async () => {
      await done(client, 'e ENABLE CONDSTORE');
      await done(client, `n NOTIFY SET (mailboxes ${box} (MessageNew MessageExpunge FlagChange))`);
      await done(actor, `s SELECT ${box}`);
      await done(actor, 'f STORE 1 +FLAGS.SILENT (\\Flagged)');
      expect(await told()).toMatch(new RegExp(`^\\* STATUS ${box} \\(UIDVALIDITY \\d+ HIGHESTMODSEQ \\d+\\)$`));
      await append(box, 'three');
      expect(await told()).toMatch(new RegExp(`^\\* STATUS ${box} \\(MESSAGES 3 .* UNSEEN 3 HIGHESTMODSEQ \\d+\\)$`));
    });

    it('only those that are asked for (6.2 to 6.6)', async () => {
      for (const name of [`${box}/a`, `${box}/a/b`, `${box}x`]) await done(actor, `c CREATE ${name}`);
      await done(actor, 'v UNSUBSCRIBE Sent');
      await done(actor, `u SUBSCRIBE ${box}x`);
      await done(
        client,
        `n NOTIFY SET (subtree (${box}/a) (MessageNew MessageExpunge)) (subscribed (MessageNew MessageExpunge)) (mailboxes (Sent none-such) NONE)`,
      );
      for (const name of [box, 'Sent', `${box}/a/b`]) await append(name, 'x');
      expect(await told()).toMatch(new RegExp(`^\\* STATUS ${box}/a/b `));
      await append(`${box}x`, 'x');
      expect(await told()).toMatch(new RegExp(`^\\* STATUS ${box}x `));
      await done(actor, `u SUBSCRIBE ${box}`);
      // The list of subscriptions counts as it is (6.4), as soon as it is known.
      const lines: string[] = [];
      while (!lines.some((line) => line.includes(`STATUS ${box} `))) {
        await append(box, 'y');
        lines.push(...(await done(client, 'o NOOP')));
      }
    });

    it('STATUS tells what is there now (3.1), but for the selected mailbox', async () => {
      await done(client, 's SELECT INBOX');
      const lines = await done(
        client,
        `n NOTIFY SET STATUS (mailboxes (${box} INBOX) (MessageNew MessageExpunge FlagChange))`,
      );
      expect(lines).toEqual([
        expect.stringMatching(
          new RegExp(`^\\* STATUS ${box} \\(MESSAGES 2 UIDNEXT 3 UIDVALIDITY \\d+ HIGHESTMODSEQ \\d+ UNSEEN 2\\)$`),
        ),
      ]);
    });

    it('NOTIFY NONE, and a new NOTIFY SET, replace what was asked for', async () => {
      await done(client, 'n NOTIFY SET (personal (MessageNew MessageExpunge))');
      await done(client, `m NOTIFY SET (mailboxes Sent (MessageNew MessageExpunge))`);
      await append(box, 'x');
      await append('Sent', 'x');
      expect(await told()).toMatch(/^\* STATUS Sent /);
      await done(client, 'o NOTIFY NONE');
      await toldToOthers('Sent', () => append('Sent', 'x'));
      expect(await done(client, 'q NOOP')).toEqual([]);
    });
  });

  describe('names (5.4 and 5.5)', () => {
    it('made, renamed with what is below, removed; parents with them', async () => {
      await done(client, `n NOTIFY SET (subtree (${box} new${box}) (MailboxName))`);
      await done(actor, `a CREATE ${box}/child/deep`);
      const made = [await told(), await told(), await told()].sort();
      expect(made).toEqual([
        `* LIST (\\HasChildren) "/" ${box}`,
        `* LIST (\\HasChildren) "/" ${box}/child`,
        `* LIST (\\HasNoChildren) "/" ${box}/child/deep`,
      ]);
      await done(actor, `b RENAME ${box} new${box}`);
      expect(await told()).toBe(`* LIST (\\HasChildren) "/" new${box} ("OLDNAME" (${box}))`);
      await done(actor, `d DELETE new${box}/child/deep`);
      const gone = [await told(), await told()].sort();
      expect(gone).toEqual([
        `* LIST (\\HasNoChildren) "/" new${box}/child`,
        `* LIST (\\NonExistent \\HasNoChildren) "/" new${box}/child/deep`,
      ]);
    });

    it('subscriptions', async () => {
      await done(client, `n NOTIFY SET (mailboxes ${box} (SubscriptionChange))`);
      await done(actor, `a SUBSCRIBE ${box}`);
      expect(await told()).toBe(`* LIST (\\HasNoChildren \\Subscribed) "/" ${box}`);
      await done(actor, `b UNSUBSCRIBE ${box}`);
      expect(await told()).toBe(`* LIST (\\HasNoChildren) "/" ${box}`);
    });

    it('subscriptions that begin and end, of those subscribed to (6.4)', async () => {
      await done(client, 'n NOTIFY SET (subscribed (SubscriptionChange))');
      await done(actor, `a SUBSCRIBE ${box}`);
      expect(await told()).toBe(`* LIST (\\HasNoChildren \\Subscribed) "/" ${box}`);
      await done(actor, `b UNSUBSCRIBE ${box}`);
      expect(await told()).toBe(`* LIST (\\HasNoChildren) "/" ${box}`);
    });

    it('annotations of mailboxes and of the server, removed ones too (5.6 and 5.7)', async () => {
      await done(actor, `x SETMETADATA ${box} (/private/comment "before")`);
      await done(client, `n NOTIFY SET (mailboxes ${box} (MailboxMetadataChange ServerMetadataChange))`);
      await done(actor, `a SETMETADATA ${box} (/shared/comment "a")`);
      expect(await told()).toBe(`* METADATA ${box} /shared/comment`);
      await done(actor, 'b SETMETADATA "" (/private/vendor/x "b")');
      expect(await told()).toBe('* METADATA "" /private/vendor/x');
      await done(actor, `c SETMETADATA ${box} (/private/comment NIL)`);
      expect(await told()).toBe(`* METADATA ${box} /private/comment`);
    });
  });

  describe('mailboxes of others', () => {
    const theirs = (): string => `"Other Users/bob/${box}"`;
    let bob: RawClient;
    beforeAll(async () => server.addUser('bob'));
    beforeEach(async () => {
      bob = await RawClient.greeted(server.port);
      closing.push(() => bob.close());
      await done(bob, `l LOGIN bob "${PASSWORD}"`);
      await done(bob, `c CREATE ${box}`);
      await done(bob, `a SETACL ${box} ada lr`);
    });

    it('of one to which one subscribes it is not told that it does not exist', async () => {
      await done(client, `n NOTIFY SET (mailboxes ${theirs()} (SubscriptionChange))`);
      await done(actor, `u SUBSCRIBE ${theirs()}`);
      expect(await told()).toBe(`* LIST (\\Subscribed) "/" ${theirs()}`);
      await done(actor, `v UNSUBSCRIBE ${theirs()}`);
      expect(await told()).toBe(`* LIST () "/" ${theirs()}`);
    });

    it('they are not personal (6.2)', async () => {
      await done(client, 'n NOTIFY SET (personal (SubscriptionChange))');
      await done(actor, `u SUBSCRIBE ${theirs()}`);
      await done(actor, `u SUBSCRIBE ${box}`);
      expect(await told()).toBe(`* LIST (\\HasNoChildren \\Subscribed) "/" ${box}`);
      await done(actor, `u SUBSCRIBE ${box}/none`);
      expect(await told()).toMatch(/^\* LIST \(\\NonExistent /);
    });

    it.each(['selected', 'selected-delayed'])('%s: a right that is revoked ends its news (5.9)', async (filter) => {
      await done(client, `s SELECT ${theirs()}`);
      await done(client, `n NOTIFY SET (${filter} (MessageNew (UID) MessageExpunge FlagChange))`);
      await append(box, 'seen', bob);
      expect([await told(), await told(), await told()]).toEqual([
        '* 1 EXISTS',
        expect.stringMatching(/RECENT$/),
        '* 1 FETCH (UID 1)',
      ]);
      await done(bob, `d SETACL ${box} ada l`);
      await append(box, 'secret', bob);
      await append(box, 'secret', bob);
      const { views } = server.mailboxes;
      await expect
        .poll(() => views.watched.some(({ view }) => view.state.owner === 'bob' && view.table.count === 3))
        .toBe(true);
      expect((await client.command('f UID FETCH 1:* UID')).map((line) => line.slice(0, 11))).toEqual(['f NO [NOPER']);
      expect(await done(client, 'o NOOP')).toEqual([]);
      await done(bob, `d SETACL ${box} ada lr`);
      const again = await done(client, 'o NOOP');
      expect(again).toContain('* 3 EXISTS');
      expect(again.filter((line) => line.includes('FETCH'))).toEqual(['* 2 FETCH (UID 2)', '* 3 FETCH (UID 3)']);
    });
  });

  describe('the selected mailbox', () => {
    it('SELECTED: at once, with what is asked of new messages (6.1.1)', async () => {
      await done(client, `s SELECT ${box}`);
      await done(
        client,
        'n NOTIFY SET (selected (MessageNew (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)]) MessageExpunge FlagChange))',
      );
      await done(actor, `s SELECT ${box}`);
      await done(actor, 'f STORE 1 +FLAGS.SILENT (\\Flagged)');
      expect(await told()).toMatch(/^\* 1 FETCH \(UID 1 FLAGS \(.*\\Flagged/);
      await append(box, 'three');
      expect(await told()).toBe('* 3 EXISTS');
      expect(await told()).toMatch(/^\* \d RECENT$/);
      expect(await told()).toBe('* 3 FETCH (UID 3 BODY[HEADER.FIELDS (SUBJECT)] {18}');
      expect([await told(), await told(), await told()]).toEqual(['Subject: three', '', ')']);
      await done(actor, 'g STORE 1 +FLAGS.SILENT (\\Deleted)');
      expect(await told()).toMatch(/^\* 1 FETCH/);
      await done(actor, 'h EXPUNGE');
      expect(await told()).toBe('* 1 EXPUNGE');
      // What the client itself brings is not fetched for it (5.2).
      const lines = await client.command(`p APPEND ${box} {1+}\r\nx`);
      expect(lines.filter((line) => line.includes('FETCH'))).toEqual([]);
      expect(lines).toContain('* 3 EXISTS');
    });

    it('SELECTED-DELAYED: what is gone is told when numbers may move (6.1.2)', async () => {
      await done(client, `s SELECT ${box}`);
      await done(client, 'n NOTIFY SET (selected-delayed (MessageNew MessageExpunge))');
      await done(actor, `s SELECT ${box}`);
      await done(actor, 'g STORE 1 +FLAGS.SILENT (\\Deleted)');
      await done(actor, 'h EXPUNGE');
      await append(box, 'three');
      expect(await told()).toBe('* 3 EXISTS');
      expect(await told()).toMatch(/^\* \d RECENT$/);
      expect((await done(client, 'f FETCH 1:3 UID')).slice(0, 3)).toEqual([
        '* 1 FETCH (UID 1)',
        '* 2 FETCH (UID 2)',
        '* 3 FETCH (UID 3)',
      ]);
      expect(await done(client, 'o NOOP')).toContain('* 1 EXPUNGE');
    });

    it('without FlagChange no flags; without SELECTED nothing (3.1)', async () => {
      await done(client, `s SELECT ${box}`);
      await done(actor, `s SELECT ${box}`);
      await done(client, 'n NOTIFY SET (selected (MessageNew MessageExpunge))');
      await done(actor, 'f STORE 1 +FLAGS.SILENT (\\Flagged)');
      await append(box, 'three');
      expect(await told()).toBe('* 3 EXISTS');
      expect(await told()).toMatch(/RECENT$/);
      await done(client, 'm NOTIFY SET (personal (MessageNew MessageExpunge))');
      await append(box, 'four');
      await append('Sent', 'x');
      expect(await told()).toMatch(/^\* STATUS Sent /);
      expect(await done(client, 'o NOOP')).toEqual([]);
      await done(client, 'p STORE 1 +FLAGS.SILENT (\\Deleted)');
      expect(await done(client, 'q EXPUNGE')).toContain('* 1 EXPUNGE');
    });

    it('NOTIFY tells first what had happened until then', async () => {
      await done(client, `s SELECT ${box}`);
      await append(box, 'three');
      expect(await done(client, 'n NOTIFY SET (selected (MessageNew (UID) MessageExpunge))')).toContain('* 3 EXISTS');
    });

    it('in IDLE the same (4), and after another SELECT of that mailbox', async () => {
      await done(
        client,
        'n NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) (personal (MessageNew MessageExpunge))',
      );
      await done(client, `s SELECT ${box}`);
      client.send('i IDLE\r\n');
      expect(await told()).toMatch(/^\+ /);
      await append('Sent', 'x');
      expect(await told()).toMatch(/^\* STATUS Sent /);
      await append(box, 'three');
      expect([await told(), await told(), await told()]).toEqual([
        '* 3 EXISTS',
        expect.stringMatching(/RECENT$/),
        '* 3 FETCH (UID 3)',
      ]);
      client.send('DONE\r\n');
      await client.readTagged('i');
      await append(box, 'four');
      expect(await told()).toBe('* 4 EXISTS');
    });

    it('a search that is kept up tells what it is asked to of new messages (7)', async () => {
      await done(client, `s SELECT ${box}`);
      await done(client, 'a UID SEARCH RETURN (UPDATE (UID FLAGS)) SUBJECT wanted');
      await append(box, 'wanted');
      await append(box, 'other');
      const lines: string[] = [];
      while (!lines.some((line) => line.includes('ADDTO'))) lines.push(...(await done(client, 'o NOOP')));
      const [exists, fetch, search] = [
        /^\* \d EXISTS/,
        /^\* 3 FETCH \(UID 3 FLAGS/,
        /^\* ESEARCH \(TAG "a"\) UID ADDTO \(0 3\)/,
      ].map((pattern) => lines.findIndex((line) => pattern.test(line)));
      expect(exists).toBeGreaterThanOrEqual(0);
      expect(fetch).toBeGreaterThan(exists ?? 0);
      expect(search).toBeGreaterThan(fetch ?? 0);
      expect(lines.filter((line) => line.includes('FETCH'))).toHaveLength(1);
    });
  });

  describe('refused', () => {
    it.each(['AnnotationChange', 'X-Strange'])('%s is no event here: BADEVENT names those that are', async (event) => {
      expect((await client.command(`n NOTIFY SET (personal (MessageNew MessageExpunge ${event}))`)).at(-1)).toMatch(
        /^n NO \[BADEVENT \(MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange\)\]/,
      );
    });

    it.each([
      'NOTIFY',
      'NOTIFY SET',
      'NOTIFY SET STATUS',
      'NOTIFY SET (personal (MessageNew))',
      'NOTIFY SET (personal (MessageExpunge))',
      'NOTIFY SET (personal (FlagChange))',
      'NOTIFY SET (personal (MessageNew (UID) MessageExpunge))',
      'NOTIFY SET (selected (MailboxName))',
      'NOTIFY SET (selected NONE) (selected-delayed NONE)',
      'NOTIFY SET (subtree () (MailboxName))',
      'NOTIFY SET (personal ())',
      'NOTIFY NONE x',
    ])('%s is BAD', async (command) => {
      expect((await client.command(`n ${command}`)).at(-1)).toMatch(/^n BAD/);
    });

    it('more than may wait: NOTIFICATIONOVERFLOW, and silence (5.8)', async () => {
      const small = await startTestServer({
        authenticator: async ({ user }) => ({ kind: 'ok', user: { name: user, store: server.fixture.store } }),
        limits: { maxNotifications: 3, notifyPollMs: 500 },
      });
      closing.push(() => small.stop());
      const listener = await signedIn(small.port);
      await done(listener, `n NOTIFY SET (subtree ${box} (MailboxName))`);
      await done(actor, `c CREATE ${box}/1/2/3/4/5`);
      expect(await listener.readLine()).toMatch(/^\* OK \[NOTIFICATIONOVERFLOW\] /);
      const removed = `${box}/1/2/3/4/5`;
      const where = { port: small.port, event: 'MailboxName' };
      await toldToOthers(removed, () => done(actor, `d DELETE ${removed}`), where);
      expect(await done(listener, 'o NOOP')).toEqual([]);
      await done(listener, `m NOTIFY SET (mailboxes ${box} (SubscriptionChange))`);
      await done(actor, `u SUBSCRIBE ${box}`);
      expect(await listener.readLine()).toMatch(/^\* LIST .*\\Subscribed/);
    });
  });

  it('ends with UNAUTHENTICATE', async () => {
    await done(client, 'n NOTIFY SET (personal (MessageNew MessageExpunge))');
    await done(client, 'u UNAUTHENTICATE');
    await toldToOthers(box, () => append(box, 'x'));
    expect(await done(client, 'c NOOP')).toEqual([]);
  });
});
