import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { RepositoryUnavailable } from '../../routing/repository-access.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { attempt, operation } from '../../store/test-support/store-fixture.ts';

// Promise (RFC 8508): a message is replaced in one step that nobody sees half done, with the answers of APPEND and EXPUNGE
// and none of STORE; where it cannot be, both mailboxes are as they were and the next command is understood.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  let client: RawClient;
  let boxes = 0;
  let box: string;

  beforeAll(async () => {
    server = await startImapServer({ engine });
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    box = `box${boxes++}`;
    await server.fixture.store.createMailbox(
      { operation: operation(), owner: 'ada', name: box, specialUse: [] },
      attempt,
    );
    for (const text of ['one', 'two', 'three']) await server.fixture.append(`${text}\r\n`, { mailbox: box });
    client = await opened('SELECT');
  });
  afterEach(async () => {
    expect((await client.command('next NOOP')).at(-1)).toBe('next OK NOOP completed');
    client.close();
  });

  async function opened(how: 'SELECT' | 'EXAMINE'): Promise<RawClient> {
    const made = await RawClient.greeted(server.port);
    await made.command(`in LOGIN ada "${PASSWORD}"`);
    expect((await made.command(`s ${how} ${box}`)).at(-1)).toMatch(/^s OK/);
    return made;
  }

  async function replace(what: string, text = 'new'): Promise<string[]> {
    client.send(`a ${what} {${text.length}+}\r\n${text}\r\n`);
    return client.readTagged('a');
  }
  const state = (name = box) => server.fixture.store.findMailbox('ada', name, attempt);

  test('in the selected mailbox (3.2, 4.3): APPENDUID, then what has changed, then OK', async () => {
    const uidValidity = (await state())?.uidValidity;
    expect(await replace(`REPLACE 2 ${box} (\\Seen \\Draft)`)).toEqual([
      `* OK [APPENDUID ${uidValidity} 4] Replacement message ready`,
      '* 2 EXPUNGE',
      '* 3 EXISTS',
      '* 3 RECENT',
      'a OK REPLACE completed',
    ]);
    expect(await client.command('f UID FETCH 1:* FLAGS')).toEqual([
      '* 1 FETCH (UID 1 FLAGS (\\Recent))',
      '* 2 FETCH (UID 3 FLAGS (\\Recent))',
      '* 3 FETCH (UID 4 FLAGS (\\Seen \\Draft \\Recent))',
      'f OK FETCH completed',
    ]);
  });

  test('by UID (3.3), of a client that waits for leave', async () => {
    client.send(`a UID REPLACE 3 ${box} "17-Jul-1996 02:44:25 -0700" {3}\r\n`);
    expect(await client.readLine()).toMatch(/^\+ /);
    client.send('new\r\n');
    const lines = await client.readTagged('a');
    expect(lines).toContain('* 3 EXPUNGE');
    expect(lines.at(-1)).toBe('a OK REPLACE completed');
    expect(await client.command('f UID FETCH 4 INTERNALDATE')).toContain(
      '* 3 FETCH (UID 4 INTERNALDATE "17-Jul-1996 09:44:25 +0000")',
    );
  });

  test('nothing of the replaced message is inherited (1)', async () => {
    await client.command('t STORE 1 +FLAGS (\\Flagged $Work)');
    await replace(`REPLACE 1 ${box}`);
    expect(await client.command('f FETCH 3 FLAGS')).toContain('* 3 FETCH (FLAGS (\\Recent))');
  });

  test('into another mailbox (3.4)', async () => {
    const before = await state('Sent');
    const lines = await replace('REPLACE * Sent');
    expect(lines).toEqual([
      `* OK [APPENDUID ${before?.uidValidity} ${before?.uidNext}] Replacement message ready`,
      '* 3 EXPUNGE',
      'a OK REPLACE completed',
    ]);
    expect(await state('Sent')).toMatchObject({ messages: (before?.messages ?? 0) + 1 });
  });

  test('only the message named goes, whatever else is marked as deleted (3.4)', async () => {
    await client.command('t STORE 1:2 +FLAGS.SILENT (\\Deleted)');
    expect(await replace(`REPLACE 2 ${box}`)).toContain('* 2 EXPUNGE');
    expect(await state()).toMatchObject({ messages: 3, deleted: 1 });
  });

  test('whoever uses CONDSTORE is told HIGHESTMODSEQ (4.5)', async () => {
    await client.command('e ENABLE CONDSTORE');
    const lines = await replace(`REPLACE 1 ${box}`);
    expect(lines.at(-1)).toBe(`a OK [HIGHESTMODSEQ ${(await state())?.highestModSeq}] REPLACE completed`);
  });

  test('whoever uses QRESYNC is told VANISHED (4.5)', async () => {
    await client.command('u UNSELECT');
    await client.command('e ENABLE QRESYNC');
    await client.command(`s SELECT ${box}`);
    const lines = await replace(`REPLACE 1 ${box}`);
    expect(lines).toContain('* VANISHED 1');
    expect(lines.join()).not.toContain('EXPUNGE');
    expect(lines.at(-1)).toBe(`a OK [HIGHESTMODSEQ ${(await state())?.highestModSeq}] REPLACE completed`);
  });

  test('another session sees it as any other change', async () => {
    const other = await opened('SELECT');
    await replace(`REPLACE 1 ${box}`);
    const lines = await other.command('n NOOP');
    expect(lines).toEqual(expect.arrayContaining(['* 1 EXPUNGE', '* 3 EXISTS']));
    other.close();
  });

  test.each([
    ['REPLACE 4 $box', /^a BAD/],
    ['UID REPLACE 99 $box', /^a NO /],
    ['REPLACE 1 nowhere', /^a NO \[TRYCREATE\]/],
    ['REPLACE 1 $box (\\Nope)', /^a BAD/],
    ['REPLACE 1:2 $box', /^a BAD/],
  ])('%s: refused, and nothing has changed', async (command, answer) => {
    const before = await state();
    expect((await replace(command.replace('$box', box))).at(-1)).toMatch(answer);
    expect(await state()).toEqual(before);
  });

  test('a second message, an empty one, one with NUL, words behind it: nothing has changed', async () => {
    const before = await state();
    const text = `a REPLACE 1 ${box} {1+}\r\nx {1+}\r\ny\r\nb REPLACE 1 ${box} {0+}\r\n\r\nc REPLACE 1 ${box} ~{1+}\r\n\0\r\n`;
    client.send(`${text}d REPLACE 1 ${box} {1+}\r\nx more\r\n`);
    expect((await client.readTagged('a')).at(-1)).toMatch(/^a BAD REPLACE takes one message/);
    expect((await client.readTagged('b')).at(-1)).toMatch(/^b NO /);
    expect((await client.readTagged('c')).at(-1)).toMatch(/^c NO \[UNKNOWN-CTE\]/);
    expect((await client.readTagged('d')).at(-1)).toMatch(/^d BAD/);
    expect(await state()).toEqual(before);
  });

  test('selected read-only: NO, before the message is sent', async () => {
    const reader = await opened('EXAMINE');
    reader.send(`a REPLACE 1 ${box} {3}\r\n`);
    expect(await reader.readTagged('a')).toEqual([expect.stringMatching(/^a NO \[READ-ONLY\]/)]);
    reader.close();
  });

  test('without a selected mailbox there is nothing to replace (3.5)', async () => {
    await client.command('u UNSELECT');
    expect(await replace(`REPLACE 1 ${box}`)).toEqual([
      expect.stringMatching(/^a BAD \[CLIENTBUG\] No mailbox is selected/),
    ]);
  });

  test('a message that another session has expunged meanwhile: NO, and nothing is appended', async () => {
    const { store } = server.fixture;
    const before = await state();
    if (before === null) throw new Error('no mailbox');
    client.send(`a REPLACE 1 ${box} {3}\r\n`);
    expect(await client.readLine()).toMatch(/^\+ /);
    await store.expunge(
      { operation: operation(), mailbox: before.id, uids: [1 as never], onlyDeleted: false },
      attempt,
    );
    client.send('new\r\n');
    const lines = await client.readTagged('a');
    expect(lines.at(-1)).toMatch(/^a NO \[EXPUNGEISSUED\]/);
    expect(await state()).toMatchObject({ messages: 2, uidNext: before.uidNext });
  });

  test('without a writer: NO, no EXPUNGE is told, and the message is there', async () => {
    const { store } = server.fixture;
    const { replace: original } = store;
    store.replace = async () => {
      throw new RepositoryUnavailable('gone');
    };
    try {
      expect(await replace(`REPLACE 1 ${box}`)).toEqual([expect.stringMatching(/^a NO \[UNAVAILABLE\]/)]);
    } finally {
      store.replace = original;
    }
    expect(await state()).toMatchObject({ messages: 3 });
  });
});
