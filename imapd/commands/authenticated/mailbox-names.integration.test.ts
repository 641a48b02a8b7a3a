import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  let client: RawClient;
  let users = 0;

  beforeAll(async () => {
    server = await startImapServer({ engine });
  });
  afterAll(() => server.stop());

  /** Each test has a user of its own, with INBOX and nothing else. */
  beforeEach(async () => {
    const user = `user${users++}`;
    await server.addUser(user);
    client = await RawClient.greeted(server.port);
    expect((await client.command(`in LOGIN ${user} "${PASSWORD}"`)).at(-1)).toMatch(/^in OK/);
  });

  async function last(command: string): Promise<string> {
    return (await client.command(`a ${command}`)).at(-1) ?? '';
  }

  /** Untagged responses. */
  async function answers(command: string): Promise<string[]> {
    const lines = await client.command(`a ${command}`);
    expect(lines.at(-1)).toMatch(/^a OK/);
    return lines.slice(0, -1);
  }

  test('a new user has INBOX, and the root of all names is empty', async () => {
    expect(await answers('LIST "" *')).toEqual(['* LIST (\\HasNoChildren) "/" INBOX']);
    expect(await answers('LIST "" ""')).toEqual(['* LIST (\\Noselect) "/" ""']);
    expect(await answers('NAMESPACE')).toEqual(['* NAMESPACE (("" "/")) (("Other Users/" "/")) NIL']);
  });

  test('CREATE makes parents too, whether or not children are announced', async () => {
    expect(await last('CREATE a/b/')).toMatch(/^a OK/);
    expect(await answers('LIST "" *')).toEqual([
      '* LIST (\\HasNoChildren) "/" INBOX',
      '* LIST (\\HasChildren) "/" a',
      '* LIST (\\HasNoChildren) "/" a/b',
    ]);
    expect(await last('CREATE a')).toMatch(/^a NO \[ALREADYEXISTS\]/);
    expect(await last('CREATE inbox')).toMatch(/^a NO \[ALREADYEXISTS\]/);
  });

  test('a name in any language goes through modified UTF-7, and only in its one spelling', async () => {
    expect(await last('CREATE "Entw&APw-rfe &- &ZeVnLIqe-"')).toMatch(/^a OK/);
    expect(await answers('LIST "" Entw*')).toEqual(['* LIST (\\HasNoChildren) "/" "Entw&APw-rfe &- &ZeVnLIqe-"']);
    expect(await last('CREATE "&AGE-"')).toMatch(/^a NO/); // an encoded "a"
    expect(await last('CREATE "Entw\xfcrfe"')).toMatch(/^a NO/);
    expect(await last('CREATE "a*"')).toMatch(/^a NO \[CANNOT\]/);
    expect(await last('CREATE a//b')).toMatch(/^a NO \[CANNOT\]/);
    expect(await last(`CREATE ${'x'.repeat(2000)}`)).toMatch(/^a NO/);
  });

  test('a name composed in another way is the same name', async () => {
    expect(await last('CREATE "caf&AOk-"')).toMatch(/^a OK/);
    expect(await last('CREATE "cafe&AwE-"')).toMatch(/^a NO \[ALREADYEXISTS\]/);
    expect(await last('STATUS "cafe&AwE-" (MESSAGES)')).toMatch(/^a OK/);
  });

  test('DELETE removes a mailbox; one with children leaves its name until they are gone', async () => {
    await last('CREATE a/b');
    expect(await last('DELETE a')).toMatch(/^a OK/);
    expect(await answers('LIST "" *')).toContain('* LIST (\\Noselect \\HasChildren) "/" a');
    expect(await last('DELETE a')).toMatch(/^a NO/);
    expect(await last('DELETE a/b')).toMatch(/^a OK/);
    expect(await last('DELETE INBOX')).toMatch(/^a NO \[CANNOT\]/);
    expect(await last('DELETE nowhere')).toMatch(/^a NO \[NONEXISTENT\]/);
  });

  test('RENAME takes everything below along', async () => {
    await last('CREATE a/b/c');
    expect(await last('RENAME a z/y')).toMatch(/^a OK/);
    expect((await answers('LIST "" *')).map((line) => line.split(' ').at(-1))).toEqual([
      'INBOX',
      'z',
      'z/y',
      'z/y/b',
      'z/y/b/c',
    ]);
    expect(await last('RENAME z/y z/y/b/d')).toMatch(/^a NO \[CANNOT\]/);
    expect(await last('RENAME nowhere x')).toMatch(/^a NO \[NONEXISTENT\]/);
    expect(await last('RENAME z INBOX')).toMatch(/^a NO \[ALREADYEXISTS\]/);
  });

  test('RENAME of INBOX moves its messages and leaves it empty', async () => {
    client.send('a APPEND INBOX {5+}\r\nhello\r\n');
    await client.readTagged('a');
    expect(await last('RENAME INBOX old')).toMatch(/^a OK/);
    expect(await answers('STATUS old (MESSAGES)')).toEqual(['* STATUS old (MESSAGES 1)']);
    expect(await answers('STATUS INBOX (MESSAGES)')).toEqual(['* STATUS INBOX (MESSAGES 0)']);
  });

  test('who has INBOX selected is told that RENAME emptied it', async () => {
    client.send('a APPEND INBOX {5+}\r\nhello\r\n');
    await client.readTagged('a');
    expect(await answers('SELECT INBOX')).toContain('* 1 EXISTS');
    expect(await answers('RENAME INBOX old')).toEqual(['* 1 EXPUNGE']);
  });

  test('a subscription needs no mailbox, and a mailbox no subscription', async () => {
    await last('UNSUBSCRIBE INBOX');
    await last('CREATE a/b');
    expect(await last('SUBSCRIBE a/b')).toMatch(/^a OK/);
    expect(await last('SUBSCRIBE gone')).toMatch(/^a OK/);
    expect(await answers('LSUB "" *')).toEqual(['* LSUB () "/" a/b', '* LSUB (\\Noselect) "/" gone']);
    expect(await answers('LSUB "" %')).toEqual(['* LSUB (\\Noselect) "/" a', '* LSUB (\\Noselect) "/" gone']);
    expect(await answers('LIST (SUBSCRIBED) "" *')).toEqual([
      '* LIST (\\HasNoChildren \\Subscribed) "/" a/b',
      '* LIST (\\NonExistent \\HasNoChildren \\Subscribed) "/" gone',
    ]);
    expect(await answers('LIST (SUBSCRIBED RECURSIVEMATCH) "" %')).toEqual([
      '* LIST (\\HasChildren) "/" a ("CHILDINFO" ("SUBSCRIBED"))',
      '* LIST (\\NonExistent \\HasNoChildren \\Subscribed) "/" gone',
    ]);
    expect(await last('UNSUBSCRIBE gone')).toMatch(/^a OK/);
    expect(await answers('LSUB "" gone')).toEqual([]);
  });

  test('LIST tells of uses, and with STATUS of contents, in one command', async () => {
    const ada = await RawClient.greeted(server.port);
    await ada.command(`in LOGIN ada "${PASSWORD}"`);
    expect((await ada.command('a LIST (SPECIAL-USE) "" *')).slice(0, -1)).toEqual([
      '* LIST (\\HasNoChildren \\Sent) "/" Sent',
    ]);
    await ada.command('a CREATE Work/Sketches (USE (\\Drafts))');
    expect((await ada.command('a LIST (SPECIAL-USE RECURSIVEMATCH) "" %')).slice(0, -1)).toEqual([
      '* LIST (\\HasNoChildren \\Sent) "/" Sent',
      '* LIST (\\HasChildren) "/" Work ("CHILDINFO" ("SPECIAL-USE"))',
    ]);
    await last('CREATE a');
    client.send('a APPEND a (\\Seen) {5+}\r\nhello\r\n');
    await client.readTagged('a');
    expect(await answers('LIST "" (a INBOX) RETURN (STATUS (MESSAGES UNSEEN SIZE) SUBSCRIBED)')).toEqual([
      '* LIST (\\HasNoChildren \\Subscribed) "/" INBOX',
      '* STATUS INBOX (MESSAGES 0 UNSEEN 0 SIZE 0)',
      '* LIST (\\HasNoChildren) "/" a',
      '* STATUS a (MESSAGES 1 UNSEEN 0 SIZE 5)',
    ]);
  });

  test('CREATE gives a mailbox its uses, each to one mailbox (RFC 6154, 3)', async () => {
    expect(await last('CREATE Mine (USE (\\drafts \\Sent))')).toMatch(/^a OK/);
    expect(await last('CREATE deep/Bin (USE (\\Trash))')).toMatch(/^a OK/);
    expect(await answers('LIST (SPECIAL-USE) "" *')).toEqual([
      '* LIST (\\HasNoChildren \\Drafts \\Sent) "/" Mine',
      '* LIST (\\HasNoChildren \\Trash) "/" deep/Bin',
    ]);
    expect(await last('CREATE Other (USE (\\Junk \\Sent))')).toMatch(/^a NO \[USEATTR\] .*\\Sent/);
    expect(await last('CREATE Everything (USE (\\All))')).toMatch(/^a NO \[USEATTR\] .*\\All/);
    expect(await last('CREATE Mine (USE (\\Sent))')).toMatch(/^a NO \[ALREADYEXISTS\]/);
    // What was refused is not there, without its use either.
    expect(await answers('LIST "" (Other Everything)')).toEqual([]);
  });

  test('a use goes with its mailbox, and is free once that is deleted', async () => {
    await last('CREATE Old (USE (\\Archive))');
    await last('RENAME Old Older');
    expect(await answers('LIST (SPECIAL-USE) "" *')).toEqual(['* LIST (\\HasNoChildren \\Archive) "/" Older']);
    expect(await last('CREATE New (USE (\\Archive))')).toMatch(/^a NO \[USEATTR\]/);
    await last('DELETE Older');
    expect(await last('CREATE New (USE (\\Archive))')).toMatch(/^a OK/);
  });

  test('two sessions that want the same use: one gets it', async () => {
    const other = await RawClient.greeted(server.port);
    await other.command(`in LOGIN user${users - 1} "${PASSWORD}"`);
    const ends = await Promise.all([
      client.command('a CREATE One (USE (\\Junk))'),
      other.command('a CREATE Two (USE (\\Junk))'),
    ]);
    expect(ends.map((lines) => lines.at(-1)?.slice(0, 4)).sort()).toEqual(['a NO', 'a OK']);
    other.close();
  });

  test('STATUS knows every item, also of mailboxes that nobody has selected', async () => {
    client.send('a APPEND INBOX {5+}\r\nhello\r\n');
    await client.readTagged('a');
    const [line] = await answers(
      'STATUS inbox (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ SIZE DELETED APPENDLIMIT)',
    );
    expect(line).toMatch(
      /^\* STATUS INBOX \(MESSAGES 1 RECENT 1 UIDNEXT 2 UIDVALIDITY \d+ UNSEEN 1 HIGHESTMODSEQ \d+ SIZE 5 DELETED 0 APPENDLIMIT \d+\)$/,
    );
    client.send('a APPEND INBOX (\\Deleted) {5+}\r\nhello\r\n');
    await client.readTagged('a');
    // RFC 9051, 6.3.11: what DELETED counts, MESSAGES and SIZE still count too.
    expect(await answers('STATUS INBOX (MESSAGES DELETED SIZE)')).toEqual([
      '* STATUS INBOX (MESSAGES 2 DELETED 1 SIZE 10)',
    ]);
    expect(await last('STATUS nowhere (MESSAGES)')).toMatch(/^a NO \[NONEXISTENT\]/);
  });

  test('what one session makes, another sees at once', async () => {
    const other = await RawClient.greeted(server.port);
    await other.command(`in LOGIN user${users - 1} "${PASSWORD}"`);
    await last('CREATE shared');
    expect(await other.command('b LIST "" shared')).toHaveLength(2);
    other.close();
  });

  test('ENABLE and ID', async () => {
    expect(await answers('ENABLE CONDSTORE X-UNKNOWN')).toEqual(['* ENABLED CONDSTORE']);
    expect(await answers('ID ("name" "test")')).toEqual(['* ID ("name" "imapcluster")']);
  });
});
