import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { attempt } from '../../store/test-support/store-fixture.ts';

// Promise (RFC 5464, RFC 9590): what was annotated is there until it is removed or its mailbox is, goes with a mailbox that is
// renamed, is refused whole where it is too much, and is nobody else's where it is private.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  let client: RawClient;
  let users = 0;
  let user: string;

  beforeAll(async () => {
    const metadata = { maxSize: 1024, maxEntries: 10, comment: 'Backups at night.', admin: 'mailto:root@example.org' };
    server = await startImapServer({ engine, metadata });
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    user = `meta${users++}`;
    await server.addUser(user);
    client = await RawClient.greeted(server.port);
    expect((await client.command(`in LOGIN ${user} "${PASSWORD}"`)).at(-1)).toMatch(/^in OK/);
  });

  const last = async (command: string): Promise<string> => (await client.command(`a ${command}`)).at(-1) ?? '';

  async function answers(command: string): Promise<string[]> {
    const lines = await client.command(`a ${command}`);
    expect(lines.at(-1)).toMatch(/^a OK/);
    return lines.slice(0, -1);
  }

  test('values are set, replaced and removed, by names in any case', async () => {
    await answers('SETMETADATA INBOX (/private/Comment "mine" /shared/comment {4+}\r\nours)');
    expect(await answers('GETMETADATA INBOX (/shared/comment /PRIVATE/comment)')).toEqual([
      '* METADATA INBOX (/private/comment "mine" /shared/comment "ours")',
    ]);
    await answers('SETMETADATA INBOX (/private/comment "new" /shared/comment NIL)');
    expect(await answers('GETMETADATA INBOX (/private/comment /shared/comment)')).toEqual([
      '* METADATA INBOX (/private/comment "new" /shared/comment NIL)',
    ]);
    await answers('SETMETADATA INBOX (/private/comment "")');
    expect(await answers('GETMETADATA INBOX /private/comment')).toEqual(['* METADATA INBOX (/private/comment "")']);
    expect(await last('GETMETADATA nowhere /private/comment')).toMatch(/^a NO \[NONEXISTENT\]/);
    expect(await last('SETMETADATA nowhere (/private/comment "a")')).toMatch(/^a NO \[NONEXISTENT\]/);
  });

  test('any octets can be a value', async () => {
    await answers('SETMETADATA INBOX (/private/vendor/x/bin ~{3+}\r\na\0b)');
    client.send('g GETMETADATA INBOX /private/vendor/x/bin\r\n');
    expect(await client.readLine()).toBe('* METADATA INBOX (/private/vendor/x/bin ~{3}');
    await client.readTagged('g');
  });

  test.each([
    'SETMETADATA INBOX (/comment a)',
    'SETMETADATA INBOX (/private a)',
    'SETMETADATA INBOX (/private/ a)',
    'SETMETADATA INBOX (/private/a//b a)',
    'SETMETADATA INBOX (/private/a* a)',
    'SETMETADATA INBOX ("/private/a%" a)',
    'SETMETADATA INBOX ("/private/\u00e4" a)',
    'SETMETADATA INBOX ()',
    'SETMETADATA INBOX (/private/a)',
    'GETMETADATA INBOX ()',
    'GETMETADATA (DEPTH 2) INBOX /private/a',
  ])('%s is malformed', async (command) => {
    expect(await last(command)).toMatch(/^a BAD/);
  });

  test('DEPTH looks below, MAXSIZE leaves out what is large and says how large', async () => {
    const entries = ['/private/f', '/private/f/small', '/private/f/small/deep', '/private/fx'];
    for (const entry of entries) await answers(`SETMETADATA INBOX (${entry} "${entry}")`);
    const asked = async (options: string): Promise<string> =>
      (await answers(`GETMETADATA ${options} INBOX /private/f`)).join('\n');
    expect(await asked('(DEPTH 0)')).toBe('* METADATA INBOX (/private/f "/private/f")');
    expect(await asked('(DEPTH 1)')).toBe(
      '* METADATA INBOX (/private/f "/private/f" /private/f/small "/private/f/small")',
    );
    expect(await asked('(depth infinity)')).toContain('/private/f/small/deep');
    expect(await asked('(depth infinity)')).not.toContain('/private/fx');
    expect(await client.command('a GETMETADATA INBOX (MAXSIZE 12 DEPTH infinity) /private')).toEqual([
      '* METADATA INBOX (/private/f "/private/f" /private/fx "/private/fx")',
      'a OK [METADATA LONGENTRIES 21] GETMETADATA completed',
    ]);
  });

  test('too large and too many are refused whole', async () => {
    const tooLarge = `SETMETADATA INBOX (/private/a "x" /private/b {1025+}\r\n${'b'.repeat(1025)})`;
    expect(await last(tooLarge)).toMatch(/^a NO \[METADATA MAXSIZE 1024\]/);
    expect(await answers('GETMETADATA INBOX /private/a')).toEqual(['* METADATA INBOX (/private/a NIL)']);
    const many = Array.from({ length: 9 }, (_, i) => `/private/n${i} "${i}"`);
    await answers(`SETMETADATA INBOX (${many.join(' ')})`);
    expect(await last('SETMETADATA INBOX (/private/y "a" /private/z "a")')).toMatch(/^a NO \[METADATA TOOMANY\]/);
    expect(await answers('GETMETADATA INBOX /private/y')).toEqual(['* METADATA INBOX (/private/y NIL)']);
    // Of shared ones there may be as many again; one that takes the place of another is no further one.
    await answers('SETMETADATA INBOX (/shared/y "a" /private/n0 "b")');
    await answers('SETMETADATA INBOX (/private/n1 NIL /private/y "a")');
  });

  test('the server has words for all, and room for private ones', async () => {
    expect(await answers('GETMETADATA "" (/shared/comment /shared/admin /private/comment)')).toEqual([
      '* METADATA "" (/shared/admin "mailto:root@example.org" /shared/comment "Backups at night." /private/comment NIL)',
    ]);
    expect(await last('SETMETADATA "" (/private/comment "a" /shared/comment "b")')).toMatch(/^a NO \[NOPERM\]/);
    await answers('SETMETADATA "" (/private/comment "hers")');
    expect(await answers('GETMETADATA (DEPTH infinity) "" /private')).toEqual([
      '* METADATA "" (/private/comment "hers")',
    ]);
    const other = await RawClient.greeted(server.port);
    await other.command(`in LOGIN ada "${PASSWORD}"`);
    expect(await other.command('a GETMETADATA "" /private/comment')).toEqual([
      '* METADATA "" (/private/comment NIL)',
      'a OK GETMETADATA completed',
    ]);
    other.close();
    expect(await last('SETMETADATA INBOX (/private/specialuse "\\\\Sent")')).toMatch(/^a NO \[CANNOT\]/);
  });

  test('annotations follow RENAME, are copied from INBOX, and are gone with their mailbox', async () => {
    await answers('CREATE box');
    await answers('SETMETADATA box (/private/comment "mine")');
    await answers('RENAME box moved/here');
    expect(await answers('GETMETADATA moved/here /private/comment')).toEqual([
      '* METADATA moved/here (/private/comment "mine")',
    ]);
    await answers('DELETE moved/here');
    await answers('CREATE moved/here');
    expect(await answers('GETMETADATA moved/here /private/comment')).toEqual([
      '* METADATA moved/here (/private/comment NIL)',
    ]);
    await answers('SETMETADATA INBOX (/shared/comment "both")');
    await answers('RENAME INBOX old');
    for (const name of ['INBOX', 'old']) {
      expect(await answers(`GETMETADATA ${name} /shared/comment`)).toEqual([
        `* METADATA ${name} (/shared/comment "both")`,
      ]);
    }
    await answers('SETMETADATA "" (/private/comment "left")');
    await server.fixture.store.removeAccount(
      { operation: crypto.randomUUID() as never, name: user },
      {
        signal: AbortSignal.timeout(10_000),
      },
    );
    expect(await server.fixture.sql('SELECT 1 FROM mail.annotation WHERE reader = ?', [user])).toEqual([]);
  });

  test('LIST tells them of every mailbox', async () => {
    await answers('CREATE a/b');
    await answers('DELETE a');
    await answers('SETMETADATA a/b (/shared/color "#fff")');
    expect(await answers('LIST "" * RETURN (METADATA (/shared/color /private/color))')).toEqual([
      '* LIST (\\HasNoChildren) "/" INBOX',
      '* METADATA INBOX (/shared/color NIL /private/color NIL)',
      '* LIST (\\Noselect \\HasChildren) "/" a',
      '* LIST (\\HasNoChildren) "/" a/b',
      '* METADATA a/b (/shared/color "#fff" /private/color NIL)',
    ]);
  });

  test('LIST tells large ones of every mailbox, whatever a page of them is', async () => {
    const names = ['big1', 'big2', 'big3', 'small'];
    for (const name of names) await answers(`CREATE ${name}`);
    for (const name of names) {
      const id = (await server.fixture.store.findMailbox(user, name, attempt))?.id;
      const value = Buffer.alloc(name === 'small' ? 3 : 700_000, 'x');
      await server.fixture.sql(
        "INSERT INTO mail.annotation (mailbox, reader, entry, value) VALUES (?, '', '/vendor/x', ?)",
        [id, value],
      );
    }
    const told: string[] = [];
    for (const line of await client.command('a LIST "" * RETURN (METADATA (/shared/vendor/x))')) {
      const name = /^\* METADATA (\S+) /.exec(line)?.[1];
      if (name !== undefined) told.push(name);
    }
    expect(told).toEqual(['INBOX', ...names]);
  });
});
