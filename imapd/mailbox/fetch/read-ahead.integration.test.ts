import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { AheadContent } from '../../routing/ahead-content.ts';
import { ListedContent } from '../../routing/listed-content.ts';
import { RecentContent } from '../../routing/recent-content.ts';
import { RecentContentStore } from '../../routing/recent-content-store.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { attempt, operation } from '../../store/test-support/store-fixture.ts';
import type { Uid } from '../../store/types.ts';

// Promise: who fetches one message after the other gets the octets that a FETCH of all of them would give, for a fraction of the
// statements; others may expunge what has been read ahead.

const COUNT = 40;

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  let ahead: AheadContent;
  let epoch = 1;
  let mailboxes = 0;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    ahead = new AheadContent(4 * 1024 * 1024);
    server = await startImapServer({
      engine,
      inFront: (store) =>
        new RecentContentStore(store, {
          ...{ recent: new RecentContent(0), listed: new ListedContent(0), ahead },
          epoch: () => epoch,
          onHit: () => undefined,
          onSignatures: () => undefined,
        }),
    });
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await server.stop();
  });

  const mail = (number: number, octets = 300): string =>
    `Subject: number ${number}\r\n\r\n${`line of message ${number}.`.padEnd(octets, '.')}\r\n`;

  /** A session in a mailbox of its own. */
  async function opened(mails: readonly string[]): Promise<{ readonly client: RawClient; readonly name: string }> {
    const name = `box${++mailboxes}`;
    await server.fixture.store.createMailbox({ operation: operation(), owner: 'ada', name, specialUse: [] }, attempt);
    for (const text of mails) await server.fixture.append(text, { mailbox: name });
    const client = await RawClient.greeted(server.port);
    clients.push(client);
    await client.command(`l LOGIN ada "${PASSWORD}"`);
    await client.command(`s SELECT ${name}`);
    return { client, name };
  }

  /** Statements that read octets of messages. */
  async function reading(work: () => Promise<unknown>): Promise<number> {
    server.fixture.statements.length = 0;
    await work();
    return server.fixture.statements.filter((text) => /SELECT/.test(text) && text.includes('chunk')).length;
  }

  async function octetsOf(client: RawClient, uid: number): Promise<string> {
    const lines = await client.command(`f UID FETCH ${uid} BODY.PEEK[]`);
    expect(lines.at(-1)).toMatch(/^f OK/);
    return `${lines.slice(1, -2).join('\r\n')}\r\n`;
  }

  async function expunge(name: string, uids: readonly number[]): Promise<void> {
    const found = await server.fixture.store.findMailbox('ada', name, attempt);
    if (found === null) throw new Error('no such mailbox');
    await server.fixture.store.expunge(
      { operation: operation(), mailbox: found.id, uids: uids as Uid[], onlyDeleted: false },
      attempt,
    );
  }

  const all = Array.from({ length: COUNT }, (_, i) => i + 1);

  test('one after the other: each as it was stored, by a fraction of the statements', async () => {
    // Of the last ones hardly two are a window, and one does not come in one piece.
    const large = [150_000, 150_000, 150_000, 300_000, 150_000, 150_000];
    const mails = all.map((number) => mail(number, large[number - 35] ?? 3_000));
    const { client } = await opened(mails);
    const first = all.filter((number) => number < 35);
    const got: string[] = [];
    const statements = await reading(async () => {
      for (const uid of first) got.push(await octetsOf(client, uid));
    });
    expect(got).toEqual(mails.slice(0, first.length));
    expect(statements).toBeLessThanOrEqual(6);
    for (const uid of all.slice(first.length)) expect(await octetsOf(client, uid)).toBe(mails[uid - 1]);
    expect(ahead.bytes).toBeGreaterThan(0);
    await client.command('c UNSELECT');
    expect(ahead.bytes).toBe(0);
  });

  test('parts of a message, one after the other, are read once', async () => {
    const { client } = await opened(all.slice(0, 8).map((number) => mail(number, 3_000)));
    for (const uid of [1, 2, 3]) await octetsOf(client, uid);
    const statements = await reading(async () => {
      expect(await client.command('f UID FETCH 4 BODY.PEEK[]<0.9>')).toContain('Subject: )');
      expect(await client.command('f UID FETCH 4 BODY.PEEK[]<9.8>')).toContain('number 4)');
    });
    expect(statements).toBe(0);
  });

  test('what another session expunges is there until that is told, and then is not', async () => {
    const { client, name } = await opened(all.map((number) => mail(number)));
    for (const uid of [1, 2, 3]) await octetsOf(client, uid);
    await expunge(name, [4, 6]);
    expect((await client.command('f FETCH 4 (UID BODY.PEEK[])')).join('\r\n')).toContain('number 4');
    expect((await client.command('f FETCH 5 (UID BODY.PEEK[])')).join('\r\n')).toContain('number 5');
    const told = await client.command('n NOOP');
    expect(told.filter((line) => line.endsWith('EXPUNGE'))).toHaveLength(2);
    expect(await client.command('f UID FETCH 6 (UID BODY.PEEK[])')).toEqual([expect.stringMatching(/^f OK/)]);
    for (const uid of all.slice(6)) expect(await octetsOf(client, uid)).toBe(mail(uid));
  });

  test('nothing of a walk outlives an epoch', async () => {
    const { client } = await opened(all.map((number) => mail(number)));
    for (const uid of [1, 2, 3]) await octetsOf(client, uid);
    expect(await reading(() => octetsOf(client, 4))).toBe(0);
    epoch += 1;
    expect(await reading(() => octetsOf(client, 5))).toBe(1);
  });
});
