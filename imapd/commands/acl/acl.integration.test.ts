import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { attempt, operation } from '../../store/test-support/store-fixture.ts';

// Promise (RFC 4314, RFC 2342, RFC 8440): what an owner grants another user finds, sees and may do, and no more; what is taken away
// ends with the next command, also in a mailbox that is selected; and what may not be seen looks as if it did not exist.

const python = await promisify(execFile)('python3', ['--version']).then(
  () => true,
  () => false,
);

describe.each(enginesUnderTest)('%s', (engine) => {
  let server: ImapServer;
  let owner: RawClient;
  let guest: RawClient;
  let users = 0;
  let [ann, bob] = ['', ''];
  let box = '';

  beforeAll(async () => {
    server = await startImapServer({ engine, sharing: { maxEntries: 3, unknownUsers: 'accept' } });
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    [ann, bob] = [`ann${users}`, `bob${users++}`];
    owner = await signedIn(ann);
    guest = await signedIn(bob);
    box = `"Other Users/${ann}/box"`;
    await answers(owner, 'CREATE box');
    for (const n of [1, 2, 3]) await answers(owner, `APPEND box {13+}\r\nn: ${n}\r\n\r\nbody${n}`);
  });

  async function signedIn(user: string, port?: number): Promise<RawClient> {
    if (port === undefined) await server.addUser(user);
    const client = await RawClient.greeted(port ?? server.port);
    expect((await client.command(`in LOGIN ${user} "${PASSWORD}"`)).at(-1)).toMatch(/^in OK/);
    return client;
  }

  const last = async (client: RawClient, command: string): Promise<string> =>
    (await client.command(`a ${command}`)).at(-1) ?? '';

  async function answers(client: RawClient, command: string): Promise<string[]> {
    const lines = await client.command(`a ${command}`);
    expect(lines.at(-1), command).toMatch(/^a OK/);
    return lines.slice(0, -1);
  }

  const grant = (rights: string, identifier = bob): Promise<string[]> =>
    answers(owner, `SETACL box ${identifier} "${rights}"`);

  test('an ACL is set, told, and removed, in the words of RFC 4314', async () => {
    await grant('lrd');
    await grant('+w');
    await grant('-e');
    await grant('w', '-Anyone');
    expect(await answers(owner, 'GETACL box')).toEqual([`* ACL box ${ann} lrswipkxteacd -anyone w ${bob} lrwtd`]);
    await answers(owner, 'DELETEACL box -anyone');
    await grant('');
    expect(await answers(owner, 'GETACL box')).toEqual([`* ACL box ${ann} lrswipkxteacd`]);
    expect(await answers(owner, 'MYRIGHTS box')).toEqual(['* MYRIGHTS box lrswipkxteacd']);
    expect(await answers(owner, `LISTRIGHTS box ${ann}`)).toEqual([`* LISTRIGHTS box ${ann} lrswipkxteacd`]);
    expect(await answers(owner, 'LISTRIGHTS box Anyone')).toEqual([
      '* LISTRIGHTS box Anyone "" l r s w i p k x t e a c d',
    ]);
  });

  test.each([
    ['SETACL box bob lrq', /^a BAD/],
    ['SETACL box bob L', /^a BAD/],
    ['SETACL box bob +0', /^a BAD/],
    ['SETACL box "" l', /^a BAD/],
    ['SETACL box "-" l', /^a BAD/],
    ['SETACL box bob', /^a BAD/],
    ['GETACL', /^a BAD/],
    ['SETACL box "$" l', /^a BAD/],
    ['SETACL nowhere bob l', /^a NO \[NONEXISTENT\]/],
    ['GETACL nowhere', /^a NO \[NONEXISTENT\]/],
    ['MYRIGHTS nowhere', /^a NO \[NONEXISTENT\]/],
  ])('%s is refused', async (command, expected) => {
    expect(await last(owner, command)).toMatch(expected);
  });

  test('the owner keeps every right, and a list has its bound', async () => {
    for (const change of [`${ann} lr`, `${ann} -a`, `-${ann} l`]) {
      expect(await last(owner, `SETACL box ${change}`)).toMatch(/^a NO \[CANNOT\]/);
    }
    expect(await last(owner, `DELETEACL box ${ann}`)).toMatch(/^a NO \[CANNOT\]/);
    await answers(owner, `SETACL box ${ann} lrswipcda`);
    await grant('lrswipkxtea', '-anyone');
    await answers(owner, 'SELECT box');
    for (const name of ['x', 'y']) await grant('l', name);
    expect(await last(owner, 'SETACL box z l')).toMatch(/^a NO \[LIMIT\]/);
  });

  test('who may administer can do so, and nobody else', async () => {
    await grant('lr');
    expect(await last(guest, `GETACL ${box}`)).toMatch(/^a NO \[NOPERM\]/);
    expect(await last(guest, `SETACL ${box} ${bob} +a`)).toMatch(/^a NO \[NOPERM\]/);
    await grant('la');
    expect(await answers(guest, `GETACL ${box}`)).toEqual([`* ACL ${box} ${ann} lrswipkxteacd ${bob} la`]);
    await answers(guest, `SETACL ${box} ${bob} +r`);
    expect(await answers(guest, `MYRIGHTS ${box}`)).toEqual([`* MYRIGHTS ${box} lra`]);
  });

  test('NAMESPACE and LIST show what is granted, by the names that others have for it', async () => {
    expect(await answers(guest, 'NAMESPACE')).toEqual(['* NAMESPACE (("" "/")) (("Other Users/" "/")) NIL']);
    await grant('r');
    expect(await answers(guest, 'LIST "" *')).toEqual(['* LIST (\\HasNoChildren) "/" INBOX']);
    await grant('lr');
    await answers(owner, 'CREATE box/below');
    await answers(owner, `SETACL box/below ${bob} ""`);
    await answers(owner, 'CREATE box/below/deep');
    await answers(owner, `SETACL box/below/deep ${bob} l`);
    expect(await answers(guest, 'LIST "" * RETURN (MYRIGHTS STATUS (MESSAGES))')).toEqual([
      '* LIST (\\HasNoChildren) "/" INBOX',
      '* MYRIGHTS INBOX lrswipkxteacd',
      '* STATUS INBOX (MESSAGES 0)',
      `* LIST (\\HasChildren) "/" ${box}`,
      `* MYRIGHTS ${box} lr`,
      `* STATUS ${box} (MESSAGES 3)`,
      `* LIST (\\HasNoChildren) "/" "Other Users/${ann}/box/below/deep"`,
      `* MYRIGHTS "Other Users/${ann}/box/below/deep" l`,
    ]);
    expect(await answers(guest, 'LIST "" %')).toEqual([
      '* LIST (\\HasNoChildren) "/" INBOX',
      '* LIST (\\Noselect \\HasChildren) "/" "Other Users"',
    ]);
    expect(await answers(guest, 'LIST "Other Users/" %')).toEqual([
      `* LIST (\\Noselect \\HasChildren) "/" "Other Users/${ann}"`,
    ]);
    await grant('lr', '-anyone');
    expect((await answers(guest, 'LIST "" *')).filter((line) => line.endsWith('box"'))).toEqual([]);
    expect(await answers(owner, 'LIST "" box')).toEqual(['* LIST (\\HasChildren) "/" box']);
    expect(await last(owner, `STATUS ${box} (MESSAGES)`)).toMatch(/^a NO \[NONEXISTENT\]/);
  });

  test('subscriptions to mailboxes of others are the subscriber\u2019s own', async () => {
    await grant('l');
    await answers(guest, `SUBSCRIBE "Other Users/${ann.toUpperCase()}/box"`);
    expect(await answers(guest, 'LSUB "" Other*')).toEqual([`* LSUB () "/" ${box}`]);
    expect(await answers(guest, 'LIST (SUBSCRIBED) "" Other*')).toEqual([
      `* LIST (\\HasNoChildren \\Subscribed) "/" ${box}`,
    ]);
    await grant('');
    expect(await answers(guest, 'LSUB "" Other*')).toEqual([`* LSUB (\\Noselect) "/" ${box}`]);
    await answers(guest, `UNSUBSCRIBE ${box}`);
    expect(await answers(guest, 'LSUB "" Other*')).toEqual([]);
  });

  test('flags that may not be set are left out of what is appended, copied and stored', async () => {
    await grant('lriw');
    await answers(guest, `APPEND ${box} (\\Seen \\Deleted \\Flagged kept) {6+}\r\na: b\r\n`);
    await answers(owner, 'SELECT box');
    expect(await answers(owner, 'FETCH 4 FLAGS')).toEqual(['* 4 FETCH (FLAGS (\\Flagged \\Recent kept))']);
    await grant('lris');
    await answers(guest, 'APPEND INBOX (\\Seen \\Deleted \\Flagged lost) {6+}\r\na: b\r\n');
    await answers(guest, 'SELECT INBOX');
    await answers(guest, `COPY 1 ${box}`);
    await answers(owner, 'NOOP');
    expect(await answers(owner, 'FETCH 5 (UID FLAGS)')).toEqual(['* 5 FETCH (UID 5 FLAGS (\\Seen \\Recent))']);
    expect(await answers(owner, 'STATUS box (UNSEEN DELETED)')).toEqual(['* STATUS box (UNSEEN 4 DELETED 0)']);
    const opened = await answers(guest, `SELECT ${box}`);
    expect(opened).toContain('* OK [PERMANENTFLAGS (\\Seen)] Flags that are kept');
    expect(await answers(guest, 'STORE 4 FLAGS (\\Seen \\Deleted other)')).toEqual([
      '* 4 FETCH (UID 4 FLAGS (\\Seen \\Flagged kept))',
    ]);
    expect(await last(guest, 'STORE 4 +FLAGS (\\Deleted other)')).toMatch(/^a NO \[NOPERM\]/);
  });

  test('\\Seen stays as it is, and CLOSE expunges nothing, where the right is missing', async () => {
    await answers(owner, 'SELECT box');
    await answers(owner, 'STORE 1 +FLAGS (\\Deleted)');
    await grant('lr');
    const lines = await guest.command(`a SELECT ${box}`);
    expect(lines.at(-1)).toBe('a OK [READ-ONLY] SELECT completed');
    expect(lines).toContain('* OK [PERMANENTFLAGS ()] Flags that are kept');
    await answers(guest, 'FETCH 2 BODY[]');
    expect(await answers(guest, 'FETCH 2 FLAGS')).toEqual(['* 2 FETCH (FLAGS ())']);
    await answers(guest, 'CLOSE');
    expect(await answers(owner, 'STATUS box (MESSAGES UNSEEN)')).toEqual(['* STATUS box (MESSAGES 3 UNSEEN 3)']);
    await grant('lrse');
    expect((await guest.command(`a SELECT ${box}`)).at(-1)).toBe('a OK [READ-WRITE] SELECT completed');
    await answers(guest, 'FETCH 2 BODY[]');
    await answers(guest, 'CLOSE');
    expect((await answers(owner, 'STATUS box (MESSAGES UNSEEN)'))[0]).toBe('* STATUS box (MESSAGES 2 UNSEEN 1)');
  });

  test('what changes while the mailbox is selected holds at the next command', async () => {
    await grant('lr');
    await answers(guest, `SELECT ${box}`);
    expect(await last(guest, 'STORE 1 +FLAGS (\\Flagged)')).toMatch(/^a NO \[NOPERM\]/);
    await grant('lrw');
    expect(await answers(guest, 'NOOP')).toEqual([
      '* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft)',
      '* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Draft \\*)] Flags that are kept',
    ]);
    await answers(guest, 'STORE 1 +FLAGS (\\Flagged)');
    await grant('l');
    await answers(owner, 'APPEND box {6+}\r\na: b\r\n');
    expect(await answers(guest, 'NOOP')).toEqual([]);
    for (const command of ['FETCH 1 FLAGS', 'SEARCH ALL', 'CHECK', 'COPY 1 INBOX', 'STORE 1 +FLAGS (\\Flagged)']) {
      expect(await guest.command(`a ${command}`)).toEqual([expect.stringMatching(/^a NO \[NOPERM\]/)]);
    }
    await answers(guest, 'UNSELECT');
    expect(await last(guest, `SELECT ${box}`)).toMatch(/^a NO \[NOPERM\]/);
    await grant('');
    expect(await last(guest, `SELECT ${box}`)).toMatch(/^a NO \[NONEXISTENT\]/);
  });

  test('mailboxes are made below one where that is granted, with its rights, and counted for the owner', async () => {
    expect(await last(guest, `CREATE "Other Users/${ann}/mine"`)).toMatch(/^a NO \[NOPERM\]/);
    expect(await last(guest, 'CREATE "Other Users"')).toMatch(/^a NO \[NOPERM\]/);
    expect(await last(guest, 'CREATE "Other Users/nobody/x"')).toMatch(/^a NO \[NOPERM\]/);
    await grant('lrk');
    const child = `"Other Users/${ann}/box/a/b"`;
    await answers(guest, `CREATE ${child}`);
    expect(await answers(guest, `MYRIGHTS ${child}`)).toEqual([`* MYRIGHTS ${child} lrkc`]);
    expect(await answers(guest, `GETQUOTAROOT ${child}`)).toContain(`* QUOTAROOT ${child} ${ann}`);
    expect(await last(guest, `CREATE "Other Users/${ann}/box/sent" (USE (\\Sent))`)).toMatch(/^a NO \[USEATTR\]/);
    expect(await last(guest, `RENAME ${child} "Other Users/${ann}/box/c"`)).toMatch(/^a NO \[NOPERM\]/);
    await answers(owner, `SETACL box/a/b ${bob} +x`);
    expect(await last(guest, `RENAME ${child} taken`)).toMatch(/^a NO \[CANNOT\]/);
    expect(await last(owner, 'RENAME box "Other Users/x/box"')).toMatch(/^a NO \[NOPERM\]/);
    expect(await last(guest, `RENAME ${child} "Other Users/${ann.toUpperCase()}/box/a/b/c"`)).toMatch(
      /^a NO \[CANNOT\] A mailbox cannot go below itself/,
    );
    await answers(guest, `RENAME ${child} "Other Users/${ann}/box/c"`);
    await answers(guest, `DELETE "Other Users/${ann}/box/c"`);
    expect(await last(guest, `DELETE "Other Users/${ann}/box/a"`)).toMatch(/^a NO \[NOPERM\]/);
  });

  test('who may make a mailbox of others is asked to, be there none or one that is not to be seen', async () => {
    await answers(guest, 'APPEND INBOX {6+}\r\na: b\r\n');
    await answers(guest, 'SELECT INBOX');
    await grant('lrik');
    await answers(owner, 'CREATE box/hidden');
    await answers(owner, `SETACL box/hidden ${bob} ""`);
    const commands = (name: string): string[] => {
      const target = `"Other Users/${ann}/box/${name}"`;
      return [`APPEND ${target} {6+}\r\na: b\r\n`, `COPY 1 ${target}`, `MOVE 1 ${target}`];
    };
    for (const command of [...commands('none'), ...commands('hidden')]) {
      expect(await last(guest, command), command).toMatch(/^a NO \[TRYCREATE\]/);
    }
    await grant('lri');
    for (const command of [...commands('none'), ...commands('hidden')]) {
      expect(await last(guest, command), command).toMatch(/^a NO \[NONEXISTENT\]/);
    }
  });

  test('annotations of others are told and set where RFC 5464 says, and shared ones need w', async () => {
    await grant('r');
    expect(await last(guest, `GETMETADATA ${box} /shared/comment`)).toMatch(/^a NO \[NONEXISTENT\]/);
    await grant('lr');
    await answers(owner, 'SETMETADATA box (/shared/comment "ours" /private/comment "hers")');
    await answers(guest, `SETMETADATA ${box} (/private/comment "his")`);
    expect(await answers(guest, `GETMETADATA ${box} (/shared/comment /private/comment)`)).toEqual([
      `* METADATA ${box} (/private/comment "his" /shared/comment "ours")`,
    ]);
    expect(await answers(guest, 'LIST "" Other* RETURN (METADATA (/shared/comment))')).toEqual([
      `* LIST (\\HasNoChildren) "/" ${box}`,
      `* METADATA ${box} (/shared/comment "ours")`,
    ]);
    expect(await last(guest, `SETMETADATA ${box} (/shared/comment "mine")`)).toMatch(/^a NO \[NOPERM\]/);
  });

  test('one\u2019s own mailboxes cost no statement more, and a mailbox of somebody else one', async () => {
    const { statementNames } = server.fixture;
    const asked = (): string[] => statementNames.splice(0).filter((name) => name.startsWith('acl-'));
    asked();
    for (const command of [
      ...[
        'SELECT box',
        'FETCH 1 BODY[]',
        'STORE 1 +FLAGS (\\Deleted)',
        'COPY 1 INBOX',
        'MOVE 1 INBOX',
        'EXPUNGE',
        'NOOP',
      ],
      ...[
        'APPEND box {6+}\r\na: b\r\n',
        'STATUS box (UNSEEN)',
        'CREATE box/a',
        'RENAME box/a b',
        'DELETE b',
        'SUBSCRIBE box',
      ],
      ...['GETMETADATA box /shared/comment', 'GETQUOTAROOT box', 'MYRIGHTS box', 'LIST "" box', 'CLOSE'],
    ]) {
      await answers(owner, command);
    }
    expect(asked()).toEqual([]);
    statementNames.splice(0);
    await answers(owner, 'LIST "" *');
    expect(statementNames.splice(0).filter((name) => /^(acl|mailbox)-/.test(name))).toEqual(['acl-list-all']);
    await grant('lrs');
    await answers(guest, `SELECT ${box}`);
    asked();
    await answers(guest, 'FETCH 1 BODY[]');
    await answers(guest, 'NOOP');
    expect(asked()).toEqual(['acl-entries', 'acl-entries']);
  });

  test.skipIf(!python)(`imaplib ${python ? '' : '(left out: there is no python3 on this machine)'}`, async () => {
    const script = join(import.meta.dirname, '../test-support/imaplib_acl.py');
    const args = [script, String(server.port), ann, bob, PASSWORD];
    const { stdout } = await promisify(execFile)('python3', args, { timeout: 40_000 });
    expect(stdout.trim()).toBe('done');
  });

  test('only administrators grant to everybody, unless the cluster lets all do so', async () => {
    expect(await last(owner, 'SETACL box Anyone lr')).toMatch(/^a NO \[NOPERM\]/);
    expect(await last(owner, 'SETACL box anyone +l')).toMatch(/^a NO \[NOPERM\]/);
    await grant('lr', '-anyone');
    await answers(owner, 'DELETEACL box -anyone');
    const { store } = server.fixture;
    await store.changeAccount({ operation: operation(), name: ann, admin: true }, attempt);
    await answers(owner, 'SETACL box anyone lr');
    await store.changeAccount({ operation: operation(), name: ann, admin: false }, attempt);
    expect(await answers(guest, 'LIST "" *')).toContain(`* LIST (\\HasNoChildren) "/" ${box}`);
    await answers(owner, 'SETACL box anyone -r');
    await answers(owner, 'DELETEACL box anyone');
  });

  test('what is granted to everybody leaves room for what is granted by name, and LIST says that there is more', async () => {
    const small = await startImapServer({ engine, sharing: { anyone: 'allow', maxListed: 1 } });
    for (const name of ['eve', 'zoe']) await small.addUser(name);
    const [ada, eve, zoe] = await Promise.all(['ada', 'eve', 'zoe'].map((name) => signedIn(name, small.port)));
    if (ada === undefined || eve === undefined || zoe === undefined) return expect.fail('somebody is not there');
    await answers(zoe, 'CREATE named');
    await answers(zoe, 'SETACL named ada l');
    await answers(eve, 'CREATE a');
    expect((await answers(ada, 'LIST "" Other*')).filter((line) => line.startsWith('* NO'))).toEqual([]);
    await answers(eve, 'SETACL a anyone l');
    expect(await answers(ada, 'LIST "" Other*/%/%')).toEqual([
      '* LIST (\\HasNoChildren) "/" "Other Users/zoe/named"',
      '* NO [LIMIT] There are more mailboxes of others than are listed',
    ]);
    await small.stop();
  });

  test('a cluster without ACL shares nothing', async () => {
    const plain = await startImapServer({ engine, policy: { disabled: ['acl'] } });
    const client = await RawClient.greeted(plain.port);
    await client.command(`in LOGIN ada "${PASSWORD}"`);
    expect(await answers(client, 'NAMESPACE')).toEqual(['* NAMESPACE (("" "/")) NIL NIL']);
    expect((await answers(client, 'CAPABILITY'))[0]).not.toMatch(/ACL|RIGHTS/);
    expect(await last(client, 'GETACL INBOX')).toMatch(/^a BAD/);
    await answers(client, 'CREATE "Other Users/x"');
    await plain.stop();
  });

  test.each([
    ['APPEND', 'i'],
    ['REPLACE 1', 'i'],
    ['REPLACE 1', 'e'],
  ])('%s asks again for %s when the message is there', async (command, right) => {
    await grant('lrite');
    await answers(guest, `SELECT ${box}`);
    guest.send(`a ${command} ${box} {6}\r\n`);
    expect(await guest.readLine()).toMatch(/^\+/);
    await grant(`-${right}`);
    guest.send('a: b\r\n\r\n');
    expect((await guest.readTagged('a')).at(-1)).toMatch(/^a NO \[NOPERM\]/);
    expect(await answers(owner, 'STATUS box (MESSAGES)')).toEqual(['* STATUS box (MESSAGES 3)']);
  });
});
