import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { attempt, operation } from '../store/test-support/store-fixture.ts';
import { mostHeldDuring } from './test-support/held-octets.ts';
import { type ImapServer, PASSWORD, startImapServer } from './test-support/imap-server.ts';
import { RawClient } from './test-support/raw-client.ts';

// Promise (RFC 4978): after COMPRESS every octet is deflated both ways, and nothing else changes: answers come at once,
// literals and IDLE work, limits hold for what comes out of the compressor, and memory is bounded whatever that is.

const MiB = 1024 * 1024;
let server: ImapServer;
const clients: RawClient[] = [];

beforeAll(async () => {
  const protocolLimits = { discard: 64 * MiB };
  server = await startImapServer({ protocolLimits, limits: { maxCompressed: 3, stalledMs: 2000 } });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await expect.poll(() => server.services.admission.sessions).toBe(0);
});
afterAll(() => server.stop());

async function signedIn(port = server.port): Promise<RawClient> {
  const client = await RawClient.greeted(port);
  clients.push(client);
  expect((await client.command(`l LOGIN ada "${PASSWORD}"`)).at(-1)).toMatch(/^l OK/);
  return client;
}

async function compressed(): Promise<RawClient> {
  const client = await signedIn();
  expect(await client.command('z COMPRESS DEFLATE')).toEqual(['z OK DEFLATE active']);
  client.compress();
  return client;
}

test('it is offered to users, and refused to strangers', async () => {
  const stranger = await RawClient.greeted(server.port);
  clients.push(stranger);
  expect((await stranger.command('a CAPABILITY'))[0]).not.toContain('COMPRESS');
  expect(await stranger.command('a COMPRESS DEFLATE')).toEqual([expect.stringMatching(/^a BAD/)]);
  const client = await signedIn();
  expect((await client.command('a CAPABILITY'))[0]).toContain(' COMPRESS=DEFLATE');
  expect(await client.command('a COMPRESS LZ4')).toEqual([expect.stringMatching(/^a BAD/)]);
  expect(await client.command('b NOOP')).toEqual(['b OK NOOP completed']);
});

test('commands, answers and literals pass, many at once and large', async () => {
  const client = await compressed();
  await client.command('c CREATE big');
  const text = `Subject: big\r\n\r\n${randomBytes(3 * MiB).toString('base64')}`;
  client.send(`a APPEND big {${text.length}}\r\n`);
  expect(await client.readLine()).toMatch(/^\+ /);
  client.send(`${text}\r\n`);
  expect((await client.readTagged('a')).at(-1)).toMatch(/^a OK \[APPENDUID/);
  client.send('b SELECT big\r\nf FETCH 1 BODY.PEEK[]\r\nn NOOP\r\n');
  expect((await client.readTagged('b')).at(-1)).toMatch(/^b OK/);
  expect((await client.readTagged('f')).join('\r\n')).toBe(
    `* 1 FETCH (BODY[] {${text.length}}\r\n${text})\r\nf OK FETCH completed`,
  );
  expect(await client.readTagged('n')).toEqual(['n OK NOOP completed']);
});

test('under TLS it lies above it', async () => {
  const client = await RawClient.greeted(server.port);
  clients.push(client);
  await client.command('t STARTTLS');
  await client.startTls(server.certificate.certificate);
  await client.command(`l LOGIN ada "${PASSWORD}"`);
  expect(await client.command('z COMPRESS DEFLATE')).toEqual(['z OK DEFLATE active']);
  client.compress();
  expect(await client.command('n NOOP')).toEqual(['n OK NOOP completed']);
  expect(await client.command('t STARTTLS')).toEqual([expect.stringMatching(/^t BAD/)]);
});

test('a second time it is refused, and the first goes on', async () => {
  const client = await compressed();
  expect(await client.command('z COMPRESS DEFLATE')).toEqual([expect.stringMatching(/^z BAD \[COMPRESSIONACTIVE\]/)]);
  expect(await client.command('n NOOP')).toEqual(['n OK NOOP completed']);
});

test('IDLE tells at once what happens', async () => {
  const client = await compressed();
  await client.command('s SELECT INBOX');
  client.send('i IDLE\r\n');
  expect(await client.readLine()).toMatch(/^\+ /);
  await server.fixture.append('Subject: x\r\n\r\nx');
  expect(await client.readLine()).toMatch(/EXISTS$/);
  client.send('DONE\r\n');
  expect((await client.readTagged('i')).at(-1)).toMatch(/^i OK/);
});

test('what came behind COMPRESS without waiting for its answer is not carried out', async () => {
  const client = await signedIn();
  client.send('z COMPRESS DEFLATE\r\nevil CREATE evil\r\n');
  expect(await client.readTagged('z')).toEqual(['z OK DEFLATE active']);
  client.compress();
  expect(await client.command('n NOOP')).toEqual(['n OK NOOP completed']);
  expect(await server.fixture.store.findMailbox('ada', 'evil', attempt)).toBeNull();
});

test('octets that are no DEFLATE end the session with BYE', async () => {
  const client = await compressed();
  client.sendRaw(Buffer.from('n NOOP\r\nn NOOP\r\n'));
  expect(await client.readToEnd()).toEqual([expect.stringMatching(/^\* BYE .*not look like IMAP/)]);
  expect(server.observer.ended.at(-1)).toBe('badInput');
});

test('LOGOUT and a client that closes its half end as ever', async () => {
  const client = await compressed();
  client.send('o LOGOUT\r\n');
  expect(await client.readToEnd()).toEqual([expect.stringMatching(/^\* BYE/), expect.stringMatching(/^o OK/)]);
  const other = await compressed();
  const ended = server.observer.ended.length;
  other.half();
  await expect.poll(() => server.observer.ended.slice(ended)).toEqual(['clientGone']);
});

test('a line that inflates to hundreds of MiB is thrown away as it comes, then BYE', { timeout: 30_000 }, async () => {
  const client = await compressed();
  const bomb = deflateRawSync(Buffer.alloc(100 * MiB, 'x'));
  const held = await mostHeldDuring(async () => {
    client.sendRaw(bomb);
    expect(await client.readToEnd()).toEqual([expect.stringMatching(/^\* BYE/)]);
  });
  expect(held).toBeLessThan(8 * MiB);
});

test('a message that inflates is bounded as any other', async () => {
  const client = await compressed();
  client.send(`a APPEND INBOX {${51 * MiB}+}\r\n`);
  for (let sent = 0; sent < 51; sent++) client.send(Buffer.alloc(MiB, 'x'));
  client.send('\r\n');
  expect(await client.readTagged('a')).toEqual([expect.stringMatching(/^a NO \[TOOBIG\]/)]);
});

test('a client that does not read holds bounded memory, and is cut off', { timeout: 30_000 }, async () => {
  await server.fixture.store.createMailbox(
    { operation: operation(), owner: 'ada', name: 'slow', specialUse: [] },
    attempt,
  );
  await server.fixture.append(randomBytes(40 * MiB), { mailbox: 'slow' });
  const client = await compressed();
  await client.command('s SELECT slow');
  const held = await mostHeldDuring(async () => {
    client.stopReading();
    client.send('f FETCH 1 BODY.PEEK[]\r\n');
    await expect.poll(() => server.observer.ended.at(-1), { timeout: 15_000 }).toBe('clientTooSlow');
  });
  expect(held).toBeLessThan(8 * MiB);
});

test('UNAUTHENTICATE cannot end it, and so ends the connection (RFC 8437, 3 and 4.1)', async () => {
  const client = await compressed();
  client.send('u UNAUTHENTICATE\r\n');
  expect(await client.readToEnd()).toEqual([
    expect.stringMatching(/^\* BYE \[UNAVAILABLE\]/),
    expect.stringMatching(/^u OK/),
  ]);
});

test('so many at once: the next one goes on without', async () => {
  const three = [await compressed(), await compressed(), await compressed()];
  const fourth = await signedIn();
  expect(await fourth.command('z COMPRESS DEFLATE')).toEqual([expect.stringMatching(/^z NO \[LIMIT\]/)]);
  expect(await fourth.command('n NOOP')).toEqual(['n OK NOOP completed']);
  three[0]?.close();
  await expect.poll(async () => (await fourth.command('z COMPRESS DEFLATE')).at(-1)).toBe('z OK DEFLATE active');
});

test('a server that stops says BYE', async () => {
  const other = await startImapServer();
  const client = await RawClient.greeted(other.port);
  await client.command(`l LOGIN ada "${PASSWORD}"`);
  await client.command('z COMPRESS DEFLATE');
  client.compress();
  await client.command('n NOOP');
  const said = client.readToEnd();
  await other.stop();
  expect(await said).toEqual([expect.stringMatching(/^\* BYE .*going down/)]);
});
