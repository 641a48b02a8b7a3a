import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { RepositoryUnavailable } from '../../routing/repository-access.ts';
import { heldOctets } from '../../session/test-support/held-octets.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { attempt, collect, operation } from '../../store/test-support/store-fixture.ts';
import type { MailboxId, Uid } from '../../store/types.ts';

// Promise (RFC 3502): of the messages of one APPEND all become part of the mailbox, in their order and at once, or none
// does; whatever becomes of them, the next command is understood.

describe.each(enginesUnderTest)('%s', (engine) => {
  const MiB = 1024 * 1024;
  let server: ImapServer;
  let client: RawClient;
  let box: string;
  let boxes = 0;

  beforeAll(async () => {
    server = await startImapServer({
      engine,
      protocolLimits: { message: 30 * MiB, appendMessages: 40, appendTogether: 60 * MiB },
    });
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    box = `box${boxes++}`;
    await server.fixture.store.createMailbox(
      { operation: operation(), owner: 'ada', name: box, specialUse: [] },
      attempt,
    );
    client = await RawClient.greeted(server.port);
    expect((await client.command(`in LOGIN ada "${PASSWORD}"`)).at(-1)).toMatch(/^in OK/);
  });

  afterEach(async () => {
    expect(await client.command('next NOOP')).toEqual(['next OK NOOP completed']);
    client.close();
  });

  const literal = (text: string | Buffer): string => `{${text.length}+}\r\n${text.toString('latin1')}`;
  const last = async (tag: string): Promise<string | undefined> => (await client.readTagged(tag)).at(-1);

  async function state() {
    const found = await server.fixture.store.findMailbox('ada', box, attempt);
    if (found === null) throw new Error('the mailbox is gone');
    return found;
  }

  async function texts(mailbox: MailboxId, count: number): Promise<string[]> {
    const { store } = server.fixture;
    const all: string[] = [];
    for (let uid = 1; uid <= count; uid++) {
      const request = { mailbox, uid: uid as Uid, offset: 0, length: MiB };
      all.push(Buffer.concat(await collect(store.readRaw(request, attempt))).toString('latin1'));
    }
    return all;
  }

  /** Nothing of the command has stayed: no message, no UID, no mod-sequence. */
  async function expectUntouched(): Promise<void> {
    expect(await state()).toMatchObject({ messages: 0, uidNext: 1, highestModSeq: 1, keywords: [] });
  }

  test('messages go in with the flags and the date of each, and UIDPLUS tells a set', async () => {
    const date = '" 7-Feb-1994 22:43:04 -0800"';
    client.send(
      `a APPEND ${box} (\\Seen) ${literal('one')} (\\Flagged $Work) ${date} ${literal('two')} ${literal('three')}\r\n`,
    );
    const { id, uidValidity } = await state();
    expect(await last('a')).toBe(`a OK [APPENDUID ${uidValidity} 1:3] APPEND completed`);
    expect(await texts(id, 3)).toEqual(['one', 'two', 'three']);
    await client.command(`s SELECT ${box}`);
    const lines = await client.command('f FETCH 1:3 (FLAGS)');
    expect(lines[0]).toContain('(\\Seen \\Recent)');
    expect(lines[1]).toContain('(\\Flagged \\Recent $Work)');
    expect(lines[2]).toContain('(\\Recent)');
    expect(await client.command('d FETCH 2 INTERNALDATE')).toContain(
      '* 2 FETCH (INTERNALDATE " 8-Feb-1994 06:43:04 +0000")',
    );
  });

  test('a client that waits for leave gets it for each message', async () => {
    client.send(`a APPEND ${box} {3}\r\n`);
    expect(await client.readLine()).toMatch(/^\+ /);
    client.send('abc (\\Draft) {2}\r\n');
    expect(await client.readLine()).toMatch(/^\+ /);
    client.send('de\r\n');
    expect(await last('a')).toMatch(/^a OK \[APPENDUID \d+ 1:2\]/);
  });

  test('all are there at once: others see one change', async () => {
    const before = await state();
    client.send(`a APPEND ${box} ${literal('1')} ${literal('2')}\r\n`);
    expect(await last('a')).toMatch(/^a OK/);
    expect(await state()).toMatchObject({ messages: 2, highestModSeq: before.highestModSeq + 1 });
  });

  test('in the selected mailbox they are told of before the command ends', async () => {
    await client.command(`s SELECT ${box}`);
    client.send(`a APPEND ${box} ${literal('1')} ${literal('2')}\r\n`);
    expect(await client.readTagged('a')).toEqual(['* 2 EXISTS', '* 2 RECENT', expect.stringMatching(/^a OK/)]);
  });

  test('an empty message cancels the command', async () => {
    client.send(`a APPEND ${box} ${literal('one')} {0}\r\n`);
    expect(await last('a')).toMatch(/^a NO /);
    client.send(`b APPEND ${box} ${literal('one')} {0+}\r\n ${literal('three')}\r\n`);
    expect(await last('b')).toMatch(/^b NO /);
    client.send(`c APPEND ${box} {0}\r\n`);
    expect(await last('c')).toMatch(/^c NO /);
    await expectUntouched();
  });

  test.each([
    ['a flag that no client may set', '(\\Nope) ', /^a BAD .*Nope/],
    ['no date', '"yesterday" ', /^a BAD .*date and time/],
    ['a keyword that is too long', `(${'k'.repeat(300)}) `, /^a NO \[LIMIT\]/],
  ])('%s before the second message: neither is stored, and what follows is no command', async (_, before, answer) => {
    client.send(`a APPEND ${box} ${literal('one')} ${before}${literal('b LOGOUT\r\n')} ${literal('c LOGOUT\r\n')}\r\n`);
    expect(await client.readTagged('a')).toEqual([expect.stringMatching(answer)]);
    await expectUntouched();
  });

  test('words behind the last message: nothing is stored', async () => {
    client.send(`a APPEND ${box} ${literal('one')} ${literal('two')} more\r\n`);
    expect(await last('a')).toMatch(/^a BAD/);
    await expectUntouched();
  });

  test('a message above the limit, too many, too much together: NO, and nothing is stored', async () => {
    client.send(`a APPEND ${box} ${literal('one')} {${30 * MiB + 1}}\r\n`);
    expect(await last('a')).toMatch(/^a NO \[TOOBIG\]/);
    client.send(`b APPEND ${box}${` ${literal('x')}`.repeat(41)}\r\n`);
    expect(await last('b')).toMatch(/^b NO \[LIMIT\]/);
    await expectUntouched();
  });

  test('as many as are allowed go in, the first from memory and the others from what was staged', async () => {
    const all = Array.from({ length: 40 }, (_, i) => `message ${i}`);
    client.send(`a APPEND ${box} ${all.map(literal).join(' ')}\r\n`);
    expect(await last('a')).toMatch(/^a OK \[APPENDUID \d+ 1:40\]/);
    expect(await texts((await state()).id, 40)).toEqual(all);
  });

  test('large messages stream: memory stays bounded however many there are', { timeout: 60_000 }, async () => {
    const before = heldOctets();
    const piece = Buffer.alloc(MiB, 'x');
    client.send(`a APPEND ${box}`);
    for (let message = 0; message < 3; message++) {
      client.send(` {${15 * MiB}+}\r\n`);
      for (let sent = 0; sent < 15; sent++) await client.sendAll(piece);
    }
    await expect.poll(() => heldOctets() - before, { timeout: 10_000 }).toBeLessThan(8 * MiB);
    client.send('\r\n');
    expect(await last('a')).toMatch(/^a OK \[APPENDUID \d+ 1:3\]/);
    expect((await state()).size).toBe(45 * MiB);
  });

  test('a repository that goes away at the second message: the rest is read, then NO, and nothing is stored', async () => {
    const { store } = server.fixture;
    const { stage } = store;
    store.stage = async (source, request, ...rest) => {
      if (request.ordinal === 1) for await (const _ of source) throw new RepositoryUnavailable('gone');
      return stage.call(store, source, request, ...rest);
    };
    try {
      client.send(`a APPEND ${box} ${literal('one')} ${literal('b LOGOUT\r\n')} ${literal('c LOGOUT\r\n')}\r\n`);
      expect(await client.readTagged('a')).toEqual([expect.stringMatching(/^a NO \[UNAVAILABLE\]/)]);
    } finally {
      store.stage = stage;
    }
    await expectUntouched();
  });

  test('a client that goes away between two messages has stored nothing', async () => {
    const other = await RawClient.greeted(server.port);
    await other.command(`in LOGIN ada "${PASSWORD}"`);
    const ended = server.observer.ended.length;
    other.send(`a APPEND ${box} ${literal('one')} {100+}\r\nhalf`);
    other.half();
    await expect.poll(() => server.observer.ended.length).toBe(ended + 1);
    await expectUntouched();
    expect(server.log.codes()).not.toContain('Unexpected');
  });

  test('without the mailbox nothing is asked for', async () => {
    client.send(`a APPEND nowhere ${literal('one')} ${literal('two')}\r\n`);
    expect(await client.readTagged('a')).toEqual([expect.stringMatching(/^a NO \[TRYCREATE\]/)]);
  });
});
