import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ImapServer, PASSWORD, startImapServer } from '../session/test-support/imap-server.ts';
import { RawClient } from '../session/test-support/raw-client.ts';

// Promise (RFC 8474): identifiers of mailboxes stay through RENAME and are given once; those of messages are the same in
// whatever mailbox a message comes to lie; and a client that knows nothing of this project finds them.

let server: ImapServer;
let client: RawClient;

beforeAll(async () => {
  server = await startImapServer();
  client = await RawClient.greeted(server.port);
  await client.command(`l LOGIN ada "${PASSWORD}"`);
});
afterAll(async () => {
  client?.close();
  await server?.stop();
});

const idIn = (line = ''): string => /(?:MAILBOXID|EMAILID) \((\w[\w-]{0,254})\)/.exec(line)?.[1] ?? `no id in ${line}`;
const created = async (name: string): Promise<string> => idIn((await client.command(`c CREATE ${name}`)).at(-1));
const mailboxId = async (name: string): Promise<string> =>
  idIn((await client.command(`s STATUS ${name} (MAILBOXID)`))[0]);

async function append(mailbox: string, text: string, date = '"17-Jul-1996 02:44:25 -0700"'): Promise<void> {
  client.send(`a APPEND ${mailbox} ${date} {${text.length}+}\r\n${text}\r\n`);
  expect((await client.readTagged('a')).at(-1)).toMatch(/^a OK/);
}

async function emailIds(mailbox: string): Promise<string[]> {
  await client.command(`s EXAMINE ${mailbox}`);
  return (await client.command('f FETCH 1:* (EMAILID)')).slice(0, -1).map(idIn);
}

test('CREATE, STATUS, LIST-STATUS, SELECT and EXAMINE tell the same MAILBOXID (4)', async () => {
  const id = await created('four');
  expect(await mailboxId('four')).toBe(id);
  expect(await client.command('l LIST "" four RETURN (STATUS (MAILBOXID))')).toContain(
    `* STATUS four (MAILBOXID (${id}))`,
  );
  for (const how of ['SELECT', 'EXAMINE']) {
    const lines = await client.command(`s ${how} four`);
    expect(lines.filter((line) => line.startsWith(`* OK [MAILBOXID (${id})] `))).toHaveLength(1);
  }
});

test('RENAME keeps it, and a new mailbox of the old name has another one (4)', async () => {
  const id = await created('before');
  await client.command('r RENAME before after');
  expect(await mailboxId('after')).toBe(id);
  const second = await created('before');
  expect(second).not.toBe(id);
  await client.command('d DELETE before');
  expect(new Set([await created('before'), second, id]).size).toBe(3);
});

test('RENAME of INBOX moves messages into a new mailbox: INBOX keeps its own (8.2)', async () => {
  const inbox = await mailboxId('INBOX');
  await client.command('r RENAME INBOX old-inbox');
  expect(await mailboxId('INBOX')).toBe(inbox);
  expect(await mailboxId('old-inbox')).not.toBe(inbox);
});

test('a message keeps its EMAILID when it is copied and moved (5.1)', async () => {
  for (const name of ['source', 'copies', 'moved']) await created(name);
  await append('source', 'Subject: one\r\n\r\none');
  await append('source', 'Subject: two\r\n\r\ntwo');
  const [one, two] = await emailIds('source');
  expect(one).not.toBe(two);
  await client.command('s SELECT source');
  await client.command('c COPY 1:2 copies');
  await client.command('m MOVE 2 moved');
  expect(await emailIds('copies')).toEqual([one, two]);
  expect(await emailIds('moved')).toEqual([two]);
});

test('equal octets of another date are another message: INTERNALDATE never changes under one EMAILID (5.1)', async () => {
  await created('dates');
  await append('dates', 'same');
  await append('dates', 'same');
  await append('dates', 'same', '"18-Jul-1996 02:44:25 -0700"');
  const [first, second, third] = await emailIds('dates');
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

test('THREADID is NIL, and no search finds one (5.2)', async () => {
  await created('threads');
  await append('threads', 'x');
  await client.command('s SELECT threads');
  expect(await client.command('f FETCH 1 (THREADID)')).toContain('* 1 FETCH (THREADID NIL)');
  expect((await client.command('f FETCH 1 (THREADID EMAILID)'))[0]).toMatch(/^\* 1 FETCH \(THREADID NIL EMAILID \(M/);
  expect(await client.command('q SEARCH THREADID T1')).toContain('* SEARCH');
  expect(await client.command('q SEARCH NOT THREADID T1')).toContain('* SEARCH 1');
});

test('SEARCH finds messages by EMAILID, whose case counts (6, 7)', async () => {
  await created('search');
  for (const text of ['one', 'two', 'one']) await append('search', text);
  const [one, two] = await emailIds('search');
  await client.command('s SELECT search');
  expect(await client.command(`q SEARCH EMAILID ${one}`)).toContain('* SEARCH 1 3');
  expect(await client.command(`q SEARCH OR EMAILID ${one} EMAILID ${two}`)).toContain('* SEARCH 1 2 3');
  expect(await client.command(`q SEARCH EMAILID ${one?.toLowerCase()}`)).toContain('* SEARCH');
  expect(await client.command('q SEARCH EMAILID ""')).toEqual([expect.stringMatching(/^q BAD/)]);
});

test('imapflow finds both by itself', async () => {
  const flow = new ImapFlow({
    ...{ host: '127.0.0.1', port: server.tlsPort, secure: true },
    tls: { ca: server.certificate.certificate, servername: 'localhost' },
    auth: { user: 'ada', pass: PASSWORD },
    logger: false,
  });
  await flow.connect();
  const id = await created('flow');
  await append('flow', 'Subject: flow\r\n\r\nx');
  const [emailId] = await emailIds('flow');
  expect(await flow.mailboxOpen('flow')).toMatchObject({ mailboxId: id });
  expect(await flow.fetchOne('1', { flags: true })).toMatchObject({ emailId });
  expect(await flow.search({ emailId: emailId ?? '' })).toEqual([1]);
  await flow.logout();
});
