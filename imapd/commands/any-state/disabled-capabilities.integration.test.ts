import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CertificatePair, TestAuthority } from '../../auth/test-support/test-authority.ts';
import type { TokenSignIn } from '../../session/authenticator.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { capabilityTable } from './capability-table.ts';

/**
 * Promise: what `capabilities.disabled` names is gone from CAPABILITY and is refused, as by a server that never heard of
 * it; RFC 3501 stays whole. One server has everything switched off, the other nothing.
 */

let without: ImapServer;
let withAll: ImapServer;
let own: CertificatePair;
const clients: RawClient[] = [];

/** There are tokens, and nobody to ask about them. */
const tokens: TokenSignIn = {
  authenticator: async () => ({ kind: 'unavailable' }),
  scope: null,
  discovery: 'https://id.example.org/.well-known/openid-configuration',
};

beforeAll(async () => {
  const authority = await TestAuthority.create('clients');
  own = await authority.issue({ commonName: 'Ada', emails: ['ada'] });
  const more = { tokens, clientAuthority: authority.certificate };
  const ways = ['passwords', 'tokens', 'certificates'] as const;
  without = await startImapServer({ ...more, policy: { ways, disabled: capabilityTable.map(({ name }) => name) } });
  withAll = await startImapServer({ ...more, policy: { ways, enabled: ['UIDONLY'] } });
  for (const { fixture } of [without, withAll]) {
    await fixture.append('Subject: a\r\n\r\na\r\n');
    await fixture.append('Subject: b\r\n\r\nb\r\n');
  }
});
afterAll(async () => {
  for (const client of clients) client.close();
  await without?.stop();
  await withAll?.stop();
});

async function greeted(server: ImapServer): Promise<RawClient> {
  const client = await RawClient.greeted(server.port);
  clients.push(client);
  return client;
}

async function selected(server: ImapServer): Promise<RawClient> {
  const client = await greeted(server);
  await client.command(`l LOGIN ada "${PASSWORD}"`);
  expect((await client.command('s SELECT INBOX')).at(-1)).toMatch(/^s OK/);
  return client;
}

const last = async (client: RawClient, command: string): Promise<string> =>
  (await client.command(`a ${command}`)).at(-1) ?? '';

it('shows nothing of it, before and after signing in', async () => {
  const client = await greeted(without);
  expect(await client.command('a CAPABILITY')).toEqual(['* CAPABILITY IMAP4rev1', 'a OK CAPABILITY completed']);
  const lines = await client.command(`l LOGIN ada "${PASSWORD}"`);
  expect(lines).toEqual(['l OK [CAPABILITY IMAP4rev1] Signed in']);
});

describe('before signing in', () => {
  it.each([
    'ID NIL',
    'STARTTLS',
    'AUTHENTICATE PLAIN AGFkYQBzZWNyZXQ=',
    'AUTHENTICATE SCRAM-SHA-256',
    'AUTHENTICATE SCRAM-SHA-256-PLUS',
  ])('%s is refused', async (command) => {
    expect(await last(await greeted(without), command)).toMatch(/^a (BAD|NO \[CANNOT\])/);
  });
});

/** Under TLS, with a certificate: there all ways to sign in are open. */
async function shown(server: ImapServer): Promise<RawClient> {
  const client = await RawClient.connect(server.tlsPort);
  clients.push(client);
  await client.startTls(server.certificate.certificate, 'TLSv1.3', own);
  await client.readLine();
  return client;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('under TLS, with a certificate and a token', () => {
  it.each([
    { mechanism: 'OAUTHBEARER', answer: base64('n,,\u0001auth=Bearer abc\u0001\u0001'), otherwise: 'UNAVAILABLE' },
    { mechanism: 'XOAUTH2', answer: base64('user=ada\u0001auth=Bearer abc\u0001\u0001'), otherwise: 'UNAVAILABLE' },
    { mechanism: 'EXTERNAL', answer: '=', otherwise: 'AUTHENTICATIONFAILED' },
  ])('$mechanism is neither shown nor obeyed', async ({ mechanism, answer, otherwise }) => {
    const client = await shown(without);
    expect((await client.command('c CAPABILITY'))[0]).toBe('* CAPABILITY IMAP4rev1');
    expect(await last(client, `AUTHENTICATE ${mechanism} ${answer}`)).toMatch(/^a (BAD|NO \[CANNOT\])/);
    const other = await shown(withAll);
    expect((await other.command('c CAPABILITY'))[0]).toContain(` AUTH=${mechanism}`);
    expect(await last(other, `AUTHENTICATE ${mechanism} ${answer}`)).toContain(`a NO [${otherwise}]`);
  });
});

describe('with a mailbox selected', () => {
  it.each([
    'ID NIL',
    'ENABLE CONDSTORE',
    'IDLE',
    'NAMESPACE',
    'COMPRESS DEFLATE',
    'UNSELECT',
    'MOVE 9 INBOX',
    'UNAUTHENTICATE',
    'LIST () "" *',
    'LIST "" (INBOX Sent)',
    'LIST "" * RETURN (CHILDREN)',
    'LIST "" * RETURN (STATUS (MESSAGES))',
    'LIST (SPECIAL-USE) "" *',
    'CREATE Vault (USE (\\Archive))',
    'STATUS INBOX (SIZE)',
    'STATUS INBOX (APPENDLIMIT)',
    'STATUS INBOX (HIGHESTMODSEQ)',
    'EXAMINE INBOX (CONDSTORE)',
    'EXAMINE INBOX (QRESYNC (1 1))',
    'UID FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)',
    'FETCH 1 MODSEQ',
    'FETCH 1 FLAGS (CHANGEDSINCE 1)',
    'STORE 1 (UNCHANGEDSINCE 1) +FLAGS (\\Seen)',
    'FETCH 1 PREVIEW',
    'FETCH 1 (PREVIEW (LAZY))',
    'FETCH 1 SAVEDATE',
    'SEARCH SAVEDSINCE 1-Feb-1994',
    'SEARCH SAVEDATESUPPORTED',
    'STATUS INBOX (MAILBOXID)',
    'FETCH 1 EMAILID',
    'FETCH 1 THREADID',
    'SEARCH EMAILID M1',
    'SEARCH THREADID T1',
    'FETCH 1 BINARY.PEEK[1]',
    'FETCH 1 BINARY.SIZE[1]',
    'APPEND INBOX ~{3}',
    'APPEND INBOX UTF8 (~{3}',
    'APPEND INBOX CATENATE (URL /INBOX/;UID=1)',
    'REPLACE 1 INBOX {3}',
    'UID REPLACE 1 INBOX {3}',
    'SEARCH MODSEQ 1',
    'SEARCH RETURN (COUNT) ALL',
    'SEARCH OLDER 60',
    'SEARCH FUZZY TEXT a',
    'SEARCH RETURN (RELEVANCY) FUZZY TEXT a',
    'SORT (RELEVANCY) UTF-8 FUZZY TEXT a',
    'ESEARCH IN (inboxes) ALL',
    'SEARCH RETURN (SAVE) ALL',
    'SEARCH $',
    'SEARCH RETURN (PARTIAL 1:5) ALL',
    'UID FETCH 1:* FLAGS (PARTIAL 1:5)',
    'NOTIFY NONE',
    'SEARCH RETURN (UPDATE) ALL',
    'SEARCH RETURN (CONTEXT COUNT) ALL',
    'CANCELUPDATE "a"',
    'THREAD ORDEREDSUBJECT UTF-8 ALL',
    'UID THREAD REFERENCES UTF-8 ALL',
    'SORT RETURN (ALL) (DATE) UTF-8 ALL',
    'SORT (DATE) UTF-8 ALL',
    'UID SORT (DISPLAYFROM) UTF-8 ALL',
    'FETCH $ FLAGS',
    'STORE $ +FLAGS (\\Seen)',
    'COPY $ Sent',
    'UID EXPUNGE 1',
    'SETACL INBOX bob l',
    'DELETEACL INBOX bob',
    'GETACL INBOX',
    'LISTRIGHTS INBOX bob',
    'MYRIGHTS INBOX',
    'LIST "" * RETURN (MYRIGHTS)',
    'GETMETADATA INBOX /shared/comment',
    'SETMETADATA INBOX (/shared/comment "a")',
    'LIST "" * RETURN (METADATA (/shared/comment))',
    'GETQUOTA ada',
    'GETQUOTAROOT INBOX',
    'SETQUOTA ada (STORAGE 5)',
    'STATUS INBOX (DELETED-STORAGE)',
  ])('%s is no command', async (command) => {
    const client = await selected(without);
    expect(await last(client, command)).toMatch(/^a BAD/);
    expect(await last(client, 'CHECK')).toMatch(/^a OK/);
  });

  it.each([
    'LIST "" * RETURN (CHILDREN STATUS (MESSAGES SIZE))',
    'STATUS INBOX (SIZE APPENDLIMIT HIGHESTMODSEQ)',
    'FETCH 1 MODSEQ',
    'FETCH 1 (BINARY.SIZE[1] BINARY.PEEK[1])',
    'FETCH 1 (EMAILID THREADID SAVEDATE PREVIEW)',
    'SEARCH SAVEDSINCE 1-Feb-1994',
    'SEARCH EMAILID M1',
    'SEARCH RETURN (COUNT) MODSEQ 1',
    'SEARCH OLDER 60',
    'SEARCH FUZZY TEXT a',
    'SEARCH RETURN (RELEVANCY) FUZZY TEXT a',
    'SORT (RELEVANCY) UTF-8 FUZZY TEXT a',
    'ESEARCH IN (inboxes) ALL',
    'UID EXPUNGE 1',
    'APPEND Sent CATENATE (URL /INBOX/;UID=1)',
    'CREATE Vault (USE (\\Archive))',
    'UNSELECT',
  ])('%s is one where nothing is switched off', async (command) => {
    expect(await last(await selected(withAll), command)).toMatch(/^a OK/);
  });
});

describe('responses', () => {
  it('LIST tells neither children nor special uses', async () => {
    const client = await selected(without);
    expect((await client.command('a LIST "" *')).slice(0, -1)).toEqual(['* LIST () "/" INBOX', '* LIST () "/" Sent']);
    const other = await selected(withAll);
    expect(await other.command('a LIST "" *')).toContain('* LIST (\\HasNoChildren \\Sent) "/" Sent');
  });

  it('SELECT tells no mod-sequence, APPEND and COPY no UIDs', async () => {
    const client = await selected(without);
    const lines = await client.command('s SELECT INBOX');
    expect(lines.join('\n')).not.toMatch(/MODSEQ|MAILBOXID|CLOSED/);
    expect(await last(client, 'CREATE new')).toBe('a OK CREATE completed');
    expect(await last(client, 'DELETE new')).toBe('a OK DELETE completed');
    expect(await last(client, 'COPY 1 Sent')).toBe('a OK COPY completed');
    client.send('a APPEND INBOX {3}\r\n');
    expect(await client.readLine()).toMatch(/^\+ /);
    client.send('a\r\n\r\n');
    expect((await client.readTagged('a')).at(-1)).toBe('a OK APPEND completed');
  });
});

it('a second message of an APPEND is refused, and the first is not stored', async () => {
  const client = await selected(without);
  const [before] = await client.command('a STATUS Sent (MESSAGES UIDNEXT)');
  client.send('m APPEND Sent {1}\r\n');
  await client.readLine();
  client.send('1 {1}\r\n');
  expect((await client.readTagged('m')).at(-1)).toMatch(/^m BAD .*MULTIAPPEND/);
  expect(await client.command('a STATUS Sent (MESSAGES UIDNEXT)')).toContain(before);
});

it('a literal that does not wait is refused, and not read as commands', async () => {
  const client = await selected(without);
  client.send('a STATUS {15+}\r\nx DELETE Sent\r\n (MESSAGES)\r\nb APPEND INBOX {13+}\r\nc LOGOUT\r\n\r\n\r\n\r\n');
  expect(await client.readTagged('a')).toEqual([expect.stringMatching(/^a BAD .*LITERAL\+/)]);
  expect(await client.readTagged('b')).toEqual([expect.stringMatching(/^b BAD .*LITERAL\+/)]);
  expect(await last(client, 'STATUS Sent (MESSAGES)')).toMatch(/^a OK/);
});

it('without LITERAL+ there is LITERAL-, up to 4096 octets (RFC 7888, 5)', async () => {
  const server = await startImapServer({ policy: { disabled: ['LITERAL+'] } });
  const client = await selected(server);
  expect((await client.command('a CAPABILITY'))[0]).toMatch(/ LITERAL- /);
  client.send(`b APPEND INBOX {4096+}\r\n${'x'.repeat(4096)}\r\nc APPEND INBOX {4097+}\r\n${'y'.repeat(4097)}\r\n`);
  expect((await client.readTagged('b')).at(-1)).toMatch(/^b OK/);
  expect((await client.readTagged('c')).at(-1)).toMatch(/^c BAD \[TOOBIG\]/);
  expect((await client.command('d NOOP')).at(-1)).toMatch(/^d OK/);
  await server.stop();
});
