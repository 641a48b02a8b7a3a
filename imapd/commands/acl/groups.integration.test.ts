import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { answers, last } from '../../session/test-support/answers.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { attempt, operation } from '../../store/test-support/store-fixture.ts';

// Promise (RFC 4314, 2): what is granted to a group its members have, added to what they have by name and as everybody, less all that
// is taken away from any of these; who joins or leaves a group does so with the next command.

let server: ImapServer;
let owner: RawClient;
let guest: RawClient;
let users = 0;
let [ann, bob] = ['', ''];
let box = '';

beforeAll(async () => {
  server = await startImapServer({ sharing: { anyone: 'allow' } });
});
afterAll(() => server.stop());

beforeEach(async () => {
  [ann, bob] = [`ann${users}`, `bob${users++}`];
  owner = await signedIn(ann);
  guest = await signedIn(bob);
  box = `"Other Users/${ann}/box"`;
  await answers(owner, 'CREATE box');
});

async function signedIn(user: string): Promise<RawClient> {
  await server.addUser(user);
  const client = await RawClient.greeted(server.port);
  expect((await client.command(`in LOGIN ${user} "${PASSWORD}"`)).at(-1)).toMatch(/^in OK/);
  return client;
}

async function join(...groups: string[]): Promise<void> {
  await server.fixture.store.changeAccount({ operation: operation(), name: bob, groups }, attempt);
  server.standings.forget(bob);
}
const myRights = async (): Promise<string> => {
  const [line = ''] = await answers(guest, `MYRIGHTS ${box}`);
  return line.split(' ').at(-1) ?? '';
};

test('members have what their groups have, and together what each entry grants', async () => {
  await answers(owner, 'SETACL box $Staff lr');
  await answers(owner, `SETACL box ${bob} w`);
  await answers(owner, 'SETACL box $board i');
  expect(await last(guest, `MYRIGHTS ${box}`)).toMatch(/^a NO \[NONEXISTENT\]/);
  await join('staff');
  expect(await myRights()).toBe('lrw');
  await join('staff', 'board');
  expect(await myRights()).toBe('lrwi');
  await answers(owner, 'SETACL box -$board r');
  expect(await myRights()).toBe('lwi');
  await answers(owner, 'DELETEACL box -$board');
  await answers(owner, 'SETACL box -anyone i');
  expect(await myRights()).toBe('lrw');
  expect(await answers(owner, 'GETACL box')).toEqual([
    `* ACL box ${ann} lrswipkxteacd $board i $staff lr -anyone i ${bob} w`,
  ]);
  expect(await answers(owner, 'LISTRIGHTS box $staff')).toEqual([
    '* LISTRIGHTS box $staff "" l r s w i p k x t e a c d',
  ]);
});

test('who leaves a group has lost its rights with the next command, also where the mailbox is selected', async () => {
  await answers(owner, 'SETACL box $staff lrw');
  await answers(owner, 'APPEND box {6+}\r\na: b\r\n');
  await join('staff');
  expect(await answers(guest, 'LIST "" *')).toContain(`* LIST (\\HasNoChildren) "/" ${box}`);
  await answers(guest, `SELECT ${box}`);
  await answers(guest, 'STORE 1 +FLAGS (\\Flagged)');
  await join();
  expect(await last(guest, 'STORE 1 -FLAGS (\\Flagged)')).toMatch(/^a NO/);
  await answers(guest, 'UNSELECT');
  expect(await last(guest, `SELECT ${box}`)).toMatch(/^a NO \[NONEXISTENT\]/);
  expect((await answers(guest, 'LIST "" *')).join('\n')).not.toContain(box);
});

test('a user whose name looks like a group is in none by that', async () => {
  await answers(owner, 'SETACL box $sly lr');
  const sly = await signedIn('$sly');
  expect(await last(sly, `MYRIGHTS ${box}`)).toMatch(/^a NO \[NONEXISTENT\]/);
  await server.fixture.store.removeAccount({ operation: operation(), name: '$sly' }, attempt);
  expect((await answers(owner, 'GETACL box'))[0]).toContain('$sly lr');
});

test('LIST gives what is granted to a group before what is granted to everybody', async () => {
  const small = await startImapServer({ sharing: { anyone: 'allow', maxListed: 1 } });
  for (const name of ['eve', 'zoe']) await small.addUser(name);
  const { store } = small.fixture;
  await store.changeAccount({ operation: operation(), name: 'ada', groups: ['staff'] }, attempt);
  const signIn = async (name: string): Promise<RawClient> => {
    const client = await RawClient.greeted(small.port);
    await client.command(`in LOGIN ${name} "${PASSWORD}"`);
    return client;
  };
  const [ada, eve, zoe] = [await signIn('ada'), await signIn('eve'), await signIn('zoe')];
  await answers(zoe, 'CREATE ours');
  await answers(zoe, 'SETACL ours $staff l');
  await answers(eve, 'CREATE a');
  await answers(eve, 'SETACL a anyone l');
  expect(await answers(ada, 'LIST "" Other*/%/%')).toEqual([
    '* LIST (\\HasNoChildren) "/" "Other Users/zoe/ours"',
    '* NO [LIMIT] There are more mailboxes of others than are listed',
  ]);
  await small.stop();
});

test('nothing is granted to users whom nobody knows, and entries of them can be removed', async () => {
  for (const command of ['SETACL box nobody lr', 'SETACL box nobody +l', 'SETACL box -nobody l']) {
    expect(await last(owner, command), command).toBe(
      'a NO [CANNOT] There is no such user; the name of a group begins with $',
    );
  }
  await answers(owner, 'SETACL box nobody -l');
  await answers(owner, 'SETACL box nobody ""');
  await answers(owner, 'DELETEACL box nobody');
  const discreet = await startImapServer({ sharing: { unknownUsers: 'accept' } });
  const client = await RawClient.greeted(discreet.port);
  await client.command(`in LOGIN ada "${PASSWORD}"`);
  await answers(client, 'SETACL INBOX nobody lr');
  await discreet.stop();
});

test('a LIST soon after signing in reads no record, commands in a mailbox of others read none for a while, and one after a change', async () => {
  await answers(owner, 'SETACL box $staff lr');
  // Nobody has told of a change: what is read by signing in is what holds.
  await server.fixture.store.changeAccount({ operation: operation(), name: bob, groups: ['staff'] }, attempt);
  const again = await RawClient.greeted(server.port);
  await again.command(`in LOGIN ${bob} "${PASSWORD}"`);
  const { statementNames } = server.fixture;
  statementNames.splice(0);
  for (const command of ['LIST "" *', `SELECT ${box}`, 'NOOP', `STATUS ${box} (MESSAGES)`])
    await answers(again, command);
  const recordsRead = () => statementNames.splice(0).filter((name) => name === 'account-find').length;
  expect(recordsRead()).toBe(0);
  await join('staff', 'board');
  for (const command of [`MYRIGHTS ${box}`, 'LIST "" *', `STATUS ${box} (MESSAGES)`]) await answers(again, command);
  expect(recordsRead()).toBe(1);
});
