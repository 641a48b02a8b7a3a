import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';

// Promise (RFC 7377, 2.2): of mailboxes of others those are searched that may be read, and no word is said of the rest. What is not
// named itself must be visible as well.

let server: ImapServer;
let owner: RawClient;
let guest: RawClient;
let users = 0;
let above: string;

beforeAll(async () => {
  server = await startImapServer({ protocolLimits: { searchedMailboxes: 5 } });
});
afterAll(() => server.stop());

/** Of the owner: work (lr), work/seen (l), work/read (r), work/none, INBOX (lr); of the guest: INBOX. Each holds one message. */
beforeEach(async () => {
  const [name, other] = [`ann${users}`, `bob${users}`];
  users += 1;
  above = `Other Users/${name}`;
  [owner, guest] = [await signedIn(name), await signedIn(other)];
  await put(guest, 'INBOX');
  const boxes = { INBOX: 'lr', work: 'lr', 'work/seen': 'l', 'work/read': 'r', 'work/none': '' };
  for (const [box, rights] of Object.entries(boxes)) {
    if (box !== 'INBOX') await answers(owner, `CREATE ${box}`);
    await put(owner, box);
    await answers(owner, `SETACL ${box} ${other} "${rights}"`);
  }
});
afterEach(async () => {
  for (const client of [owner, guest]) client.close();
  await expect.poll(() => server.mailboxes.views.watched).toEqual([]);
});

async function signedIn(user: string): Promise<RawClient> {
  await server.addUser(user);
  const made = await RawClient.greeted(server.port);
  expect((await made.command(`in LOGIN ${user} "${PASSWORD}"`)).at(-1)).toMatch(/^in OK/);
  return made;
}

async function answers(client: RawClient, command: string): Promise<string[]> {
  const lines = await client.command(`a ${command}`);
  expect(lines.at(-1), command).toMatch(/^a OK/);
  return lines.slice(0, -1);
}

const put = async (client: RawClient, box: string): Promise<unknown> =>
  answers(client, `APPEND ${box} {17+}\r\nSubject: x\r\n\r\nabc`);

const found = async (sources: string): Promise<string[]> =>
  (await answers(guest, `ESEARCH IN (${sources}) SUBJECT x`)).map(
    (line) => /MAILBOX ("[^"]*"|\S+)/.exec(line)?.[1] ?? line,
  );
const named = (box: string): string => `"${above}/${box}"`;

test('what is named itself needs r alone', async () => {
  const all = ['work', 'work/seen', 'work/read', 'work/none', 'nothing'].map(named).join(' ');
  expect(await found(`mailboxes (${all})`)).toEqual([named('work'), named('work/read')]);
  expect(await found(`mailboxes (INBOX ${named('inbox')})`)).toEqual(['INBOX', named('INBOX')]);
});

test('what is found below a name needs l and r, and is told once', async () => {
  expect(await found(`subtree ${named('work')}`)).toEqual([named('work')]);
  expect(await found('subtree "Other Users"')).toEqual([named('INBOX'), named('work')]);
  expect(await found(`subtree-one "${above}"`)).toEqual([named('INBOX'), named('work')]);
  expect(await found(`subtree ${named('work')} mailboxes ${named('work')}`)).toEqual([named('work')]);
});

test('own are the own ones; subscribed are also others', async () => {
  expect(await found('personal')).toEqual(['INBOX']);
  expect(await found('inboxes')).toEqual(['INBOX']);
  await answers(guest, `SUBSCRIBE ${named('work')}`);
  await answers(guest, `SUBSCRIBE ${named('work/seen')}`);
  expect(await found('subscribed')).toEqual(['INBOX', named('work')]);
});

test('the selected mailbox of somebody else has its name, and is passed over once it may not be read', async () => {
  await answers(guest, `SELECT ${named('work')}`);
  expect(await found('selected')).toEqual([named('work')]);
  expect(await found(`selected mailboxes ${named('work')}`)).toEqual([named('work')]);
  expect(await found(`mailboxes ${named('work')}`)).toEqual([named('work')]);
  await answers(owner, `SETACL work bob${users - 1} l`);
  expect(await found(`selected personal mailboxes ${named('work')}`)).toEqual(['INBOX']);
  await answers(guest, 'UNSELECT');
});

test('no more are looked for than may be searched', async () => {
  const some = (...names: readonly string[]): string => names.map(named).join(' ');
  const sources = `mailboxes (${some('n1', 'n2', 'n3')}) mailboxes (${some('n4', 'n5', 'n6')})`;
  const lines = await guest.command(`a ESEARCH IN (${sources}) ALL`);
  expect(lines).toEqual([expect.stringMatching(/^a NO \[LIMIT\]/)]);
});
