import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';

// Promise (RFC 8437): one connection serves one user after another, and nothing of the first is left to the second.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  let client: RawClient;

  beforeAll(async () => {
    server = await startImapServer({ engine, limits: { maxPerUser: 1, maxStrangersPerAddress: 2 } });
    await server.addUser('bob');
    await server.fixture.append('Subject: a\r\n\r\na\r\n', { system: 8 });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    client = await RawClient.greeted(server.port);
    await signIn('ada');
  });
  afterEach(async () => {
    client.send('z LOGOUT\r\n');
    await client.readToEnd();
    client.close();
  });

  const last = async (command: string): Promise<string> => (await client.command(`a ${command}`)).at(-1) ?? '';
  const signIn = async (user: string): Promise<void> =>
    expect(await last(`LOGIN ${user} "${PASSWORD}"`)).toMatch(/^a OK/);

  test('the next user finds a fresh session, and tells who may sign in again', async () => {
    expect(await last('UNAUTHENTICATE')).toMatch(/^a OK \[CAPABILITY IMAP4rev1 .*AUTH=PLAIN/);
    expect(await last('NOOP')).toMatch(/^a OK/);
    expect(await last('LIST "" *')).toMatch(/^a BAD/);
    expect(await last('UNAUTHENTICATE')).toMatch(/^a BAD/);
    await signIn('bob');
    expect(await client.command('a LIST "" *')).toEqual([expect.stringMatching(/ INBOX$/), 'a OK LIST completed']);
    expect(await last('SELECT Sent')).toMatch(/^a NO \[NONEXISTENT\]/);
  });

  test('the selected mailbox is left without an expunge', async () => {
    await last('SELECT INBOX');
    expect(await client.command('a UNAUTHENTICATE')).toHaveLength(1);
    await signIn('ada');
    expect(await last('FETCH 1 FLAGS')).toMatch(/^a BAD/);
    expect(await client.command('a STATUS INBOX (MESSAGES DELETED)')).toContain(
      '* STATUS INBOX (MESSAGES 1 DELETED 1)',
    );
  });

  test('what was enabled is not any more', async () => {
    await last('ENABLE CONDSTORE');
    await last('UNAUTHENTICATE');
    await signIn('ada');
    await last('SELECT INBOX');
    const answer = (await client.command('a STORE 1 +FLAGS (\\Flagged)')).join();
    expect(answer).toContain('\\Flagged');
    expect(answer).not.toContain('MODSEQ');
    await last('STORE 1 -FLAGS (\\Flagged)');
  });

  test('the next AUTHENTICATE may be pipelined behind it', async () => {
    const plain = Buffer.from(`\0bob\0${PASSWORD}`).toString('base64');
    client.send(`a UNAUTHENTICATE\r\nb AUTHENTICATE PLAIN ${plain}\r\nc STATUS INBOX (MESSAGES)\r\n`);
    expect((await client.readTagged('a')).at(-1)).toMatch(/^a OK/);
    expect((await client.readTagged('b')).at(-1)).toMatch(/^b OK/);
    expect(await client.readTagged('c')).toEqual(['* STATUS INBOX (MESSAGES 0)', expect.stringMatching(/^c OK/)]);
  });

  test("a literal is bounded as a stranger's again", async () => {
    await last('UNAUTHENTICATE');
    client.send(`a LOGIN {5000+}\r\n${'x'.repeat(5000)} y\r\n`);
    expect((await client.readTagged('a')).at(-1)).toMatch(/^a NO \[TOOBIG\]/);
  });

  test('its place among the sessions of the user is free', async () => {
    const second = await RawClient.greeted(server.port);
    expect((await second.command(`a LOGIN ada "${PASSWORD}"`)).at(-1)).toMatch(/^a NO \[LIMIT\]/);
    await last('UNAUTHENTICATE');
    expect((await second.command(`a LOGIN ada "${PASSWORD}"`)).at(-1)).toMatch(/^a OK/);
    second.send('z LOGOUT\r\n');
    await second.readToEnd();
  });

  test('where there is no room for a stranger the connection ends with BYE, never with NO', async () => {
    const strangers = [await RawClient.greeted(server.port), await RawClient.greeted(server.port)];
    expect(await client.command('a UNAUTHENTICATE')).toEqual([
      expect.stringMatching(/^\* BYE \[UNAVAILABLE\]/),
      expect.stringMatching(/^a OK/),
    ]);
    expect(await client.readLine()).toBeNull();
    for (const stranger of strangers) {
      stranger.send('z LOGOUT\r\n');
      await stranger.readToEnd();
    }
  });
});
