import { createHash, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { RepositoryUnavailable } from '../../routing/repository-access.ts';
import { heldOctets } from '../../session/test-support/held-octets.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { attempt, collect } from '../../store/test-support/store-fixture.ts';
import type { Uid } from '../../store/types.ts';

// Promise: an APPEND either stores exactly what the client sent, or says why not; in both cases the next command is
// understood, memory stays bounded, and the session next to it notices nothing.

describe.each(enginesUnderTest)('%s', (engine) => {
  const MiB = 1024 * 1024;
  let server: ImapServer;
  let client: RawClient;
  let neighbour: RawClient;

  beforeAll(async () => {
    server = await startImapServer({ engine, protocolLimits: { message: 50 * MiB } });
    neighbour = await signIn();
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    client = await signIn();
  });

  afterEach(async () => {
    expect((await neighbour.command('n NOOP')).at(-1)).toMatch(/^n OK/);
    client.close();
  });

  async function signIn(): Promise<RawClient> {
    const made = await RawClient.greeted(server.port);
    expect((await made.command(`in LOGIN ada "${PASSWORD}"`)).at(-1)).toMatch(/^in OK/);
    return made;
  }

  async function understood(): Promise<void> {
    expect(await client.command('next NOOP')).toEqual(['next OK NOOP completed']);
  }

  function uidOf(line: string | undefined): Uid {
    return Number(/\[APPENDUID \d+ (\d+)\]/.exec(line ?? '')?.[1]) as Uid;
  }

  async function stored(uid: Uid): Promise<Buffer> {
    const { store, inbox } = server.fixture;
    const request = { mailbox: inbox, uid, offset: 0, length: Number.MAX_SAFE_INTEGER };
    return Buffer.concat(await collect(store.readRaw(request, attempt)));
  }

  test('a message goes in as it is, with flags and date', async () => {
    const message = Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), randomBytes(300), Buffer.from('\0\r\n.\r\n')]);
    client.send(`a1 APPEND inbox (\\Seen $Label) " 1-Feb-2003 04:05:06 +0100" {${message.length}}\r\n`);
    expect(await client.readLine()).toMatch(/^\+ /);
    client.send(message);
    client.send('\r\n');
    const uid = uidOf((await client.readTagged('a1')).at(-1));
    expect(await stored(uid)).toEqual(message);
    const request = { mailbox: server.fixture.inbox, uids: [uid], fields: new Set(['internalDate'] as const) };
    const [batch] = await collect(server.fixture.store.readMessages(request, attempt));
    expect(batch?.[0]?.internalDate).toEqual(new Date('2003-02-01T03:05:06Z'));
    const view = await server.fixture.store.loadView(server.fixture.inbox, attempt);
    expect(view?.rows.flags.at((view?.rows.count ?? 0) - 1)).toBe(1);
    expect(view?.state.keywords).toContain('$Label');
    await understood();
  });

  test('a client that sends without asking, and several commands at once, is served in order', async () => {
    client.send('a1 APPEND INBOX {3+}\r\nabc\r\na2 APPEND {5+}\r\nINBOX {3+}\r\ndef\r\na3 NOOP\r\n');
    const lines = await client.readTagged('a3');
    expect(lines).toEqual([
      expect.stringMatching(/^a1 OK \[APPENDUID /),
      expect.stringMatching(/^a2 OK \[APPENDUID /),
      'a3 OK NOOP completed',
    ]);
    expect((await stored(uidOf(lines[1]))).toString()).toBe('def');
  });

  test('a header that nobody can decode is served octet by octet, whichever way it is asked for', async () => {
    const subject = '=?x-nope?Q?=ff=fe?= \xff\xfe raw =?utf-8?B?*?=';
    const from = '\x80\xff\t<b@\xfe>';
    const header = `Subject: ${subject}\r\nFrom: ${from}\r\nno colon here \x00\r\n\r\n`;
    // Whoever wants such a header kept says so (RFC 6855, 4).
    await client.command('u ENABLE UTF8=ACCEPT');
    client.send(`a1 APPEND INBOX {${header.length + 2}+}\r\n${header}\xff\0\r\n`);
    const uid = uidOf((await client.readTagged('a1')).at(-1));
    await client.command('s SELECT INBOX');
    const served = async (item: string): Promise<string> => {
      client.send(`f UID FETCH ${uid} ${item}\r\n`);
      return (await client.readTagged('f')).join('\r\n');
    };
    // What carries NUL gives it back; a literal cannot.
    expect(await served('BINARY.PEEK[]')).toContain(`~{${header.length + 2}}\r\n${header}\xff\0`);
    const withoutNul = header.replace('\0', '\x80');
    expect(await served('BODY.PEEK[]')).toContain(`{${header.length + 2}}\r\n${withoutNul}\xff\x80`);
    expect(await served('BODY.PEEK[HEADER]')).toContain(`{${header.length}}\r\n${withoutNul}`);
    expect(await served('BODY.PEEK[HEADER.FIELDS (SUBJECT)]')).toContain(`\r\nSubject: ${subject}\r\n\r\n`);
    expect(await served('ENVELOPE')).toContain(`{${subject.length}}\r\n${subject}`);
    expect(await client.command(`q UID SEARCH UID ${uid} SUBJECT raw`)).toContain(`* SEARCH ${uid}`);
    await understood();
  });

  test('without a mailbox the client is spared sending, and told that it could make one', async () => {
    client.send('a1 APPEND nowhere {1000}\r\n');
    expect(await client.readTagged('a1')).toEqual([expect.stringMatching(/^a1 NO \[TRYCREATE\]/)]);
    await understood();
    client.send(`a2 APPEND nowhere {1000+}\r\n${'x'.repeat(1000)}\r\n`);
    expect(await client.readTagged('a2')).toEqual([expect.stringMatching(/^a2 NO \[TRYCREATE\]/)]);
    await understood();
  });

  test('what is on its way is asked about only where it was refused lately', async () => {
    const { statementNames } = server.fixture;
    const asked = async (command: string): Promise<readonly string[]> => {
      statementNames.length = 0;
      client.send(command);
      await client.readTagged('a');
      return statementNames.filter((name) => name === 'mailbox-find');
    };
    expect(await asked('a APPEND INBOX {3+}\r\nabc\r\n')).toEqual([]);
    expect(await asked('a APPEND unmade {3+}\r\nabc\r\n')).toEqual([]);
    expect(await asked('a APPEND unmade {3+}\r\nabc\r\n')).toEqual(['mailbox-find']);
    expect(await asked(`a APPEND INBOX {300000+}\r\n${'x'.repeat(300_000)}\r\n`)).toEqual(['mailbox-find']);
  });

  test('a message above the limit is refused, whether or not it is on its way', async () => {
    client.send(`a1 APPEND INBOX {${50 * MiB + 1}}\r\n`);
    expect(await client.readTagged('a1')).toEqual([expect.stringMatching(/^a1 NO \[TOOBIG\]/)]);
    await understood();
    client.send(`a2 APPEND INBOX {${51 * MiB}+}\r\n`);
    const piece = Buffer.alloc(MiB, 'x');
    for (let sent = 0; sent < 51; sent++) await client.sendAll(piece);
    client.send('\r\n');
    expect(await client.readTagged('a2')).toEqual([expect.stringMatching(/^a2 NO \[TOOBIG\]/)]);
    await understood();
  });

  test('50 MiB go in within bounded memory, byte for byte', async () => {
    const piece = randomBytes(MiB);
    const hash = createHash('sha256');
    const before = heldOctets();
    // Its header may be anything, too.
    await client.command('u ENABLE UTF8=ACCEPT');
    client.send(`a1 APPEND INBOX {${50 * MiB}+}\r\n`);
    for (let sent = 0; sent < 50; sent++) {
      piece.writeUInt32BE(sent);
      hash.update(piece);
      await client.sendAll(Buffer.from(piece));
      if (sent === 45) await expect.poll(() => heldOctets() - before, { timeout: 5000 }).toBeLessThan(8 * MiB);
    }
    client.send('\r\n');
    const uid = uidOf((await client.readTagged('a1')).at(-1));
    const read = createHash('sha256');
    const request = { mailbox: server.fixture.inbox, uid, offset: 0, length: 50 * MiB };
    for await (const bytes of server.fixture.store.readRaw(request, attempt)) read.update(bytes);
    expect(read.digest('hex')).toBe(hash.digest('hex'));
  });

  test('what does not end where its message ends is not stored', async () => {
    const before = await server.fixture.store.findMailbox('ada', 'INBOX', attempt);
    client.send('a1 APPEND INBOX {3+}\r\nabc trailing\r\n');
    expect(await client.readTagged('a1')).toEqual([expect.stringMatching(/^a1 BAD/)]);
    await understood();
    const after = await server.fixture.store.findMailbox('ada', 'INBOX', attempt);
    expect(after?.messages).toBe(before?.messages);
  });

  test('a repository that goes away in the middle of a message: the rest is read, then NO', async () => {
    const { store } = server.fixture;
    const { stage } = store;
    store.stage = async (source, ...rest) => {
      for await (const _ of source) throw new RepositoryUnavailable('gone');
      return stage.call(store, source, ...rest);
    };
    try {
      client.send(`a1 APPEND INBOX {${2 * MiB}+}\r\n`);
      await client.sendAll(Buffer.alloc(2 * MiB, 'a1 LOGOUT\r\n'));
      client.send('\r\n');
      expect(await client.readTagged('a1')).toEqual([expect.stringMatching(/^a1 NO \[UNAVAILABLE\]/)]);
      await understood();
    } finally {
      store.stage = stage;
    }
  });

  test('a client that goes away in the middle of its message has stored nothing', async () => {
    const before = await server.fixture.store.findMailbox('ada', 'INBOX', attempt);
    const ended = server.observer.ended.length;
    client.send('a1 APPEND INBOX {1000000+}\r\n');
    await client.sendAll(Buffer.alloc(400_000, 'x'));
    client.reset();
    await expect.poll(() => server.observer.ended.length).toBe(ended + 1);
    client = await signIn();
    client.send('a1 APPEND INBOX {1000000+}\r\n');
    await client.sendAll(Buffer.alloc(400_000, 'x'));
    client.half();
    await expect.poll(() => server.observer.ended.length).toBe(ended + 2);
    const after = await server.fixture.store.findMailbox('ada', 'INBOX', attempt);
    expect(after?.messages).toBe(before?.messages);
    expect(server.log.codes()).not.toContain('CommandFailed');
    expect(server.log.codes()).not.toContain('Unexpected');
  });

  test('a message put into the selected mailbox is told of before the command ends', async () => {
    await client.command('s SELECT INBOX');
    client.send('a1 APPEND INBOX {3+}\r\nabc\r\n');
    const lines = await client.readTagged('a1');
    expect(lines.slice(0, -1).join()).toMatch(/\* \d+ EXISTS/);
  });

  test('a stranger puts nothing anywhere', async () => {
    const stranger = await RawClient.greeted(server.port);
    stranger.send('a1 APPEND INBOX {3+}\r\nabc\r\na2 NOOP\r\n');
    expect(await stranger.readTagged('a2')).toEqual([expect.stringMatching(/^a1 BAD/), 'a2 OK NOOP completed']);
    stranger.close();
  });
});
