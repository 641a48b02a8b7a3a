import { afterEach, beforeEach, expect, test } from 'vitest';
import { NEIGHBOUR, startBareServer } from './test-support/bare-server.ts';
import { RawClient } from './test-support/raw-client.ts';
import type { TestServer } from './test-support/test-server.ts';

let server: TestServer;

beforeEach(async () => {
  server = await startBareServer();
});
afterEach(() => server.stop());

const LOGIN = `in LOGIN ${NEIGHBOUR.user} ${NEIGHBOUR.password}`;

test('STARTTLS puts TLS under the session and changes what is offered', async () => {
  const client = await RawClient.greeted(server.port);
  expect((await client.command('c1 CAPABILITY'))[0]).toContain('STARTTLS');
  expect((await client.command('t1 STARTTLS')).at(-1)).toBe('t1 OK Begin TLS negotiation now');
  await client.startTls(server.certificate.certificate);
  const [capabilities] = await client.command('c2 CAPABILITY');
  expect(capabilities).not.toContain('STARTTLS');
  expect(capabilities).toContain('AUTH=PLAIN');
  expect((await client.command(LOGIN)).at(-1)).toMatch(/^in OK \[CAPABILITY IMAP4rev1 /);
  expect((await client.command('t2 STARTTLS')).at(-1)).toMatch(/^t2 BAD/);
  client.close();
});

test('what somebody slipped in behind STARTTLS is never carried out', async () => {
  const client = await RawClient.greeted(server.port);
  client.send('t1 STARTTLS\r\nevil CAPABILITY\r\nevil2 NO');
  expect(await client.readTagged('t1')).toEqual(['t1 OK Begin TLS negotiation now']);
  await client.startTls(server.certificate.certificate);
  expect(await client.command('n1 NOOP')).toEqual(['n1 OK NOOP completed']);
  expect(server.observer.commands.map((command) => command.name)).toEqual(['STARTTLS', 'NOOP']);
  client.close();
});

test('after STARTTLS nothing but a handshake is listened to', async () => {
  const neighbour = await RawClient.greeted(server.port);
  const client = await RawClient.greeted(server.port);
  await client.command('t1 STARTTLS');
  client.send('a1 NOOP\r\n'.repeat(10));
  await client.readToEnd();
  expect(server.observer.commands.map((command) => command.name)).toEqual(['STARTTLS']);
  expect((await neighbour.command('n1 NOOP')).at(-1)).toMatch(/^n1 OK/);
  neighbour.close();
});

test('a wrong password over TLS is refused as that, and the right one is taken after it', async () => {
  const client = await RawClient.connect(server.tlsPort);
  await client.startTls(server.certificate.certificate);
  const guess = await client.command(`a LOGIN ${NEIGHBOUR.user} guess`);
  expect(guess.at(-1)).toMatch(/^a NO \[AUTHENTICATIONFAILED\] /);
  expect((await client.command(LOGIN)).at(-1)).toMatch(/^in OK /);
  client.close();
});

test('the port with implicit TLS speaks IMAP at once', async () => {
  const client = await RawClient.connect(server.tlsPort);
  await client.startTls(server.certificate.certificate);
  expect(await client.readLine()).toMatch(/^\* OK \[CAPABILITY IMAP4rev1 /);
  client.send('n1 NOOP\r\nn2 NOOP\r\n');
  client.half();
  expect(await client.readToEnd()).toEqual(['n1 OK NOOP completed', 'n2 OK NOOP completed']);
});
