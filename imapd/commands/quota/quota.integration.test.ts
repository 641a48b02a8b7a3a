import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { attempt, operation } from '../../store/test-support/store-fixture.ts';

// Promise (RFC 9208): what users have is counted with every change, whoever makes it; nothing goes beyond the limit, however
// many try at once; who is over it can read, delete and move, and is told.

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  let users = 0;
  let user: string;
  let client: RawClient;

  beforeAll(async () => {
    server = await startImapServer({ engine, admins: ['root'] });
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    user = `quota${users++}`;
    await server.addUser(user);
    client = await signedIn(user);
  });

  async function signedIn(name: string): Promise<RawClient> {
    const made = await RawClient.greeted(server.port);
    expect((await made.command(`in LOGIN ${name} "${PASSWORD}"`)).at(-1)).toMatch(/^in OK/);
    return made;
  }

  type Change = Omit<Parameters<ImapServer['fixture']['store']['changeAccount']>[0], 'operation' | 'name'>;
  const change = (wanted: Change, name = user) =>
    server.fixture.store.changeAccount({ operation: operation(), name, ...wanted }, attempt);

  const last = async (command: string, by = client): Promise<string> => (await by.command(`a ${command}`)).at(-1) ?? '';

  async function answers(command: string, by = client): Promise<string[]> {
    const lines = await by.command(`a ${command}`);
    expect(lines.at(-1)).toMatch(/^a OK/);
    return lines.slice(0, -1);
  }

  /** Of so many octets. */
  const mail = (octets: number): string => `a: b\r\n\r\n${'x'.repeat(octets - 8)}`;

  async function append(octets: number, { mailbox = 'INBOX', by = client, count = 1 } = {}): Promise<string> {
    const message = ` {${octets}+}\r\n${mail(octets)}`;
    by.send(`t APPEND ${mailbox}${message.repeat(count)}\r\n`);
    return (await by.readTagged('t')).at(-1) ?? '';
  }

  const quota = async (by = client): Promise<string> => (await answers('GETQUOTAROOT INBOX', by)).at(-1) ?? '';

  test('usage follows what is done, and limits are told with it', async () => {
    expect(await answers('GETQUOTAROOT INBOX')).toEqual([`* QUOTAROOT INBOX ${user}`, `* QUOTA ${user} ()`]);
    await change({ limits: { STORAGE: 10_240, MESSAGE: 100, MAILBOX: 5 } });
    expect(await quota()).toBe(`* QUOTA ${user} (STORAGE 0 10 MESSAGE 0 100 MAILBOX 1 5)`);
    expect(await append(1500)).toMatch(/^t OK/);
    expect(await append(100, { count: 2 })).toMatch(/^t OK/);
    expect(await last('CREATE a')).toMatch(/^a OK/);
    expect(await quota()).toBe(`* QUOTA ${user} (STORAGE 2 10 MESSAGE 3 100 MAILBOX 2 5)`);
    await answers('SELECT INBOX');
    await answers('COPY 1 a');
    expect(await quota()).toBe(`* QUOTA ${user} (STORAGE 4 10 MESSAGE 4 100 MAILBOX 2 5)`);
    await answers('MOVE 1 a');
    await answers('STORE 1 +FLAGS (\\Deleted)');
    await answers('EXPUNGE');
    expect(await quota()).toBe(`* QUOTA ${user} (STORAGE 4 10 MESSAGE 3 100 MAILBOX 2 5)`);
    await answers('RENAME a b');
    await answers('RENAME INBOX old');
    expect(await quota()).toBe(`* QUOTA ${user} (STORAGE 4 10 MESSAGE 3 100 MAILBOX 3 5)`);
    await answers('DELETE b');
    expect(await answers(`GETQUOTA ${user}`)).toEqual([`* QUOTA ${user} (STORAGE 1 10 MESSAGE 1 100 MAILBOX 2 5)`]);
    await server.fixture.store.removeAccount({ operation: operation(), name: user }, attempt);
    expect(await server.fixture.sql('SELECT * FROM mail.usage WHERE owner = ?', [user])).toEqual([]);
  });

  test('what would go beyond the limit is refused whole, before the message is sent where the client waits', async () => {
    await change({ limits: { STORAGE: 3000, MESSAGE: 3 } });
    client.send(`t APPEND INBOX {3001}\r\n`);
    expect(await client.readTagged('t')).toEqual([expect.stringMatching(/^t NO \[OVERQUOTA\]/)]);
    expect(await append(1000, { count: 4 })).toMatch(/^t NO \[OVERQUOTA\]/);
    expect(await append(1501, { count: 2 })).toMatch(/^t NO \[OVERQUOTA\]/);
    expect(await quota()).toBe(`* QUOTA ${user} (STORAGE 0 2 MESSAGE 0 3)`);
    expect(await append(1500, { count: 2 })).toMatch(/^t OK/);
    expect(await append(10)).toMatch(/^t NO \[OVERQUOTA\]/);
    await answers('CREATE a');
    await answers('SELECT INBOX');
    expect(await last('COPY 1 a')).toMatch(/^a NO \[OVERQUOTA\]/);
    expect(await answers('STATUS a (MESSAGES)')).toEqual(['* STATUS a (MESSAGES 0)']);
    // A move needs no room.
    await answers('MOVE 1 a');
    expect(await quota()).toBe(`* QUOTA ${user} (STORAGE 3 2 MESSAGE 2 3)`);
  });

  test('REPLACE may do what leaves no more than before', async () => {
    await append(1000, { count: 2 });
    await change({ limits: { STORAGE: 1500, MESSAGE: 1 } });
    await answers('SELECT INBOX');
    const replace = async (octets: number): Promise<string> => {
      client.send(`t REPLACE 1 INBOX {${octets}+}\r\n${mail(octets)}\r\n`);
      return (await client.readTagged('t')).at(-1) ?? '';
    };
    expect(await replace(1001)).toMatch(/^t NO \[OVERQUOTA\]/);
    expect(await answers('STATUS INBOX (MESSAGES SIZE)')).toEqual(['* STATUS INBOX (MESSAGES 2 SIZE 2000)']);
    expect(await replace(999)).toMatch(/^t OK/);
    expect(await answers('STATUS INBOX (MESSAGES SIZE)')).toContain('* STATUS INBOX (MESSAGES 2 SIZE 1999)');
  });

  test('of many who append at once only those come in for whom there is room', async () => {
    await change({ limits: { STORAGE: 5500 } });
    const names = ['INBOX', 'p', 'q', 'r'];
    for (const name of names.slice(1)) await answers(`CREATE ${name}`);
    const clients = await Promise.all(Array.from({ length: 12 }, () => signedIn(user)));
    const done = await Promise.all(
      clients.map((by, i) => append(1000, { by, mailbox: names[i % names.length] ?? 'INBOX' })),
    );
    expect(done.filter((line) => line.startsWith('t OK'))).toHaveLength(5);
    expect(done.filter((line) => line.startsWith('t NO [OVERQUOTA]'))).toHaveLength(7);
    expect(await quota()).toBe(`* QUOTA ${user} (STORAGE 5 5)`);
    for (const by of clients) by.close();
  });

  test('mailboxes are limited too, with the levels that CREATE and RENAME make', async () => {
    await change({ limits: { MAILBOX: 3 } });
    expect(await last('CREATE a/b/c')).toMatch(/^a NO \[OVERQUOTA\]/);
    expect(await answers('LIST "" *')).toHaveLength(1);
    expect(await last('CREATE a/b')).toMatch(/^a OK/);
    expect(await last('CREATE a/c')).toMatch(/^a NO \[OVERQUOTA\]/);
    expect(await last('RENAME a/b z/y')).toMatch(/^a NO \[OVERQUOTA\]/);
    expect(await last('RENAME INBOX old')).toMatch(/^a NO \[OVERQUOTA\]/);
    expect(await last('RENAME a/b b')).toMatch(/^a OK/);
  });

  test('who has more mailboxes than he may have renames where nothing is made', async () => {
    await answers('CREATE a/b');
    await change({ limits: { MAILBOX: 2 } });
    await answers('RENAME a/b a/c');
    expect(await last('RENAME a/c z/c')).toMatch(/^a NO \[OVERQUOTA\]/);
  });

  test('who is over a limit is told at sign-in, and with SELECT', async () => {
    await append(3000);
    await change({ limits: { STORAGE: 1000 } });
    const again = await RawClient.greeted(server.port);
    const lines = await again.command(`in LOGIN ${user} "${PASSWORD}"`);
    expect(lines).toEqual([
      '* NO [ALERT] More is stored than is allowed (storage 300 %); please delete some',
      expect.stringMatching(/^in OK/),
    ]);
    expect(await answers('SELECT INBOX', again)).toContain(
      '* NO [OVERQUOTA] More is stored than is allowed (storage 300 %); please delete some',
    );
    // Nobody says so where no mailbox is selected (RFC 9208, 4.3.1).
    expect(await answers('STATUS INBOX (MESSAGES)')).toEqual(['* STATUS INBOX (MESSAGES 1)']);
    await answers('STORE 1 +FLAGS (\\Deleted)', again);
    await answers('EXPUNGE', again);
    expect((await answers('SELECT INBOX', again)).join('\n')).not.toContain('OVERQUOTA');
  });

  test('whom the cluster names is an administrator, without a word in the record', async () => {
    await server.addUser('root');
    const root = await signedIn('root');
    expect(await answers(`SETQUOTA ${user} (STORAGE 512)`, root)).toEqual([`* QUOTA ${user} (STORAGE 0 512)`]);
    expect(await answers(`GETQUOTA ${user}`, root)).toEqual([`* QUOTA ${user} (STORAGE 0 512)`]);
    root.close();
  });

  test('limits are set by administrators, and told to nobody else', async () => {
    expect(await last(`SETQUOTA ${user} (STORAGE 1)`)).toMatch(/^a NO \[NOPERM\]/);
    expect(await last('GETQUOTA ada')).toMatch(/^a NO \[NOPERM\]/);
    expect(await last('GETQUOTA nobody')).toMatch(/^a NO \[NOPERM\]/);
    await change({ admin: true });
    expect(await answers('SETQUOTA ADA (STORAGE 512 message 9)')).toEqual([
      expect.stringMatching(/^\* QUOTA ada \(STORAGE \d+ 512 MESSAGE \d+ 9\)$/),
    ]);
    expect(await answers('SETQUOTA ada ()')).toEqual(['* QUOTA ada ()']);
    expect(await last('SETQUOTA ada (ANNOTATION-STORAGE 5)')).toMatch(/^a NO \[CANNOT\]/);
    expect(await last('SETQUOTA nobody (STORAGE 5)')).toMatch(/^a NO \[NONEXISTENT\]/);
    expect(await last('SETQUOTA ada (STORAGE)')).toMatch(/^a BAD/);
    await change({ admin: false });
    expect(await last('GETQUOTA ada')).toMatch(/^a NO \[NOPERM\]/);
  });

  test('STATUS and LIST tell what an EXPUNGE would free', async () => {
    await append(700, { count: 3 });
    await answers('CREATE empty');
    await answers('SELECT INBOX');
    await answers('STORE 1,3 +FLAGS.SILENT (\\Deleted)');
    expect(await answers('STATUS INBOX (DELETED DELETED-STORAGE)')).toEqual([
      '* STATUS INBOX (DELETED 2 DELETED-STORAGE 1400)',
    ]);
    const listed = await answers('LIST "" * RETURN (STATUS (DELETED-STORAGE))');
    expect(listed).toEqual(
      expect.arrayContaining(['* STATUS INBOX (DELETED-STORAGE 1400)', '* STATUS empty (DELETED-STORAGE 0)']),
    );
  });

  test('an imapd of before counts too, and verify finds what is counted wrongly', async () => {
    const differences = () => server.fixture.verify();
    // As a program of before does it: it knows of no usage.
    await server.fixture.sql('UPDATE mail.mailbox SET messages = messages + 2, size = size + 10 WHERE owner = ?', [
      user,
    ]);
    await server.fixture.sql('UPDATE mail.mailbox SET messages = messages - 2, size = size - 10 WHERE owner = ?', [
      user,
    ]);
    expect(await differences()).toEqual([]);
    await server.fixture.sql('UPDATE mail.usage SET storage = storage + 1, mailboxes = 7 WHERE owner = ?', [user]);
    expect(await differences()).toEqual([
      { check: 'usage of a user', where: `${user} storage`, found: '1', expected: '0' },
      { check: 'usage of a user', where: `${user} mailboxes`, found: '7', expected: '1' },
    ]);
    await server.fixture.sql('DELETE FROM mail.usage WHERE owner = ?', [user]);
  });
});
