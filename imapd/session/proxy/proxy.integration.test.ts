import { once } from 'node:events';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ImapServer, PASSWORD, startImapServer } from '../test-support/imap-server.ts';
import { RawClient } from '../test-support/raw-client.ts';

// Promise: a load balancer that is named is believed whom it speaks for, and must say it; nobody else is.

const CLIENT = '192.0.2.1';
const HEADER = `PROXY TCP4 ${CLIENT} 198.51.100.1 54321 143\r\n`;

let behind: ImapServer;
let open: ImapServer;
const clients: RawClient[] = [];

beforeAll(async () => {
  const limits = { proxyHeaderMs: 300, maxStrangersPerAddress: 2, maxStrangers: 4 };
  behind = await startImapServer({ balancers: ['127.0.0.1/32'], limits });
  open = await startImapServer({ balancers: ['203.0.113.0/24'] });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await expect.poll(() => behind.services.admission.sessions).toBe(0);
});
afterAll(async () => {
  await behind?.stop();
  await open?.stop();
});

async function connected(port: number, ...octets: (string | Buffer)[]): Promise<RawClient> {
  const client = await RawClient.connect(port);
  clients.push(client);
  for (const each of octets) await client.sendAll(Buffer.from(each as string, 'latin1'));
  return client;
}
const opened = (): unknown => behind.log.events.findLast(({ code }) => code === 'SessionOpened')?.fields;

test('the client of the header is whom the log names, and is greeted as one from elsewhere', async () => {
  const client = await connected(behind.port, HEADER);
  expect(await client.readLine()).toMatch(/^\* OK \[CAPABILITY .*STARTTLS LOGINDISABLED/);
  expect(opened()).toMatchObject({ remoteAddress: CLIENT, balancer: '127.0.0.1' });
  expect((await client.command(`a LOGIN ada "${PASSWORD}"`)).at(-1)).toMatch(/^a NO \[PRIVACYREQUIRED\]/);
});

test('a header octet by octet, with a command behind it', async () => {
  const client = await connected(behind.port, ...HEADER, 'a NOOP\r\n');
  expect(await client.readLine()).toMatch(/^\* OK/);
  expect((await client.readTagged('a')).at(-1)).toMatch(/^a OK/);
});

test('a header and a command in one piece', async () => {
  const client = await connected(behind.port, `${HEADER}a NOOP\r\n`);
  expect((await client.readTagged('a')).at(-1)).toMatch(/^a OK/);
});

test('no header makes a client one of this machine', async () => {
  const client = await connected(behind.port, 'PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n');
  expect(await client.readLine()).toContain('LOGINDISABLED');
  const itself = await connected(behind.port, 'PROXY UNKNOWN\r\n');
  expect(await itself.readLine()).toContain('LOGINDISABLED');
  expect(opened()).toMatchObject({ remoteAddress: '127.0.0.1', balancer: '127.0.0.1' });
});

test('TLS goes through: after STARTTLS, and from the first octet with the handshake right behind the header', async () => {
  const { certificate } = behind.certificate;
  const client = await connected(behind.port, HEADER);
  await client.readLine();
  await client.command('t STARTTLS');
  await client.startTls(certificate);
  expect((await client.command(`a LOGIN ada "${PASSWORD}"`)).at(-1)).toMatch(/^a OK/);
  expect(await greetingOver(withHeader(behind.tlsPort), certificate)).toMatch(/^\* OK/);
});

/** A connection whose first octets are the header and whatever is written first, in one piece. */
function withHeader(port: number): Duplex {
  const socket = connect(port, '127.0.0.1');
  let before = Buffer.from(HEADER);
  const through = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      socket.write(Buffer.concat([before, chunk]), () => done());
      before = Buffer.alloc(0);
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (octets) => through.push(octets));
  return through;
}

async function greetingOver(socket: Duplex, ca: string): Promise<string> {
  const secure = connectTls({ socket, ca, host: 'localhost' });
  const [greeting] = (await once(secure, 'data')) as [Buffer];
  secure.destroy();
  socket.destroy();
  return greeting.toString();
}

test('strangers are counted by the address of the client, not by that of the balancer', async () => {
  for (let i = 0; i < 2; i++) expect(await (await connected(behind.port, HEADER)).readLine()).toMatch(/^\* OK/);
  expect(await (await connected(behind.port, HEADER)).readLine()).toMatch(/^\* BYE \[UNAVAILABLE\]/);
  const other = HEADER.replace(CLIENT, '192.0.2.2');
  expect(await (await connected(behind.port, other)).readLine()).toMatch(/^\* OK/);
});

test.each([
  { name: 'IMAP without a header', octets: 'a NOOP\r\n', reason: /does not begin/ },
  { name: 'a header that is none', octets: 'PROXY TCP4 somewhere\r\n', reason: /cannot be read/ },
  { name: 'half a header, and silence', octets: 'PROXY TCP4', reason: /did not come in time/ },
])('$name ends the connection without a word', async ({ octets, reason }) => {
  const before = behind.observer.headersRefused;
  const client = await connected(behind.port, octets);
  expect(await client.readToEnd()).toEqual([]);
  expect(behind.observer.headersRefused).toBe(before + 1);
  const refused = behind.log.events.findLast(({ code }) => code === 'ProxyHeaderRefused');
  expect(refused?.fields).toMatchObject({ balancer: '127.0.0.1', reason: expect.stringMatching(reason) });
});

test('a bare connect, as a health check makes it, is no news', async () => {
  const before = behind.observer.headersRefused;
  const client = await connected(behind.port);
  client.half();
  expect(await client.readToEnd()).toEqual([]);
  expect(behind.observer.headersRefused).toBe(before);
});

test('those that wait for their header are bounded', async () => {
  const waiting = await Promise.all([1, 2, 3, 4].map(() => connected(behind.port, 'PROXY ')));
  const client = await connected(behind.port, HEADER);
  expect(await client.readToEnd()).toEqual([]);
  const [first] = waiting;
  await first?.sendAll(Buffer.from(HEADER.slice('PROXY '.length)));
  expect(await first?.readLine()).toMatch(/^\* OK/);
});

test('whoever is not named cannot claim an address', async () => {
  const client = await connected(open.port);
  expect(await client.readLine()).toMatch(/^\* OK/);
  expect((await client.command(HEADER.trim())).at(-1)).toMatch(/^PROXY BAD/);
  expect(open.log.events.find(({ code }) => code === 'SessionOpened')?.fields).toMatchObject({
    remoteAddress: '127.0.0.1',
    balancer: null,
  });
  expect((await client.command('a NOOP')).at(-1)).toMatch(/^a OK/);
});
