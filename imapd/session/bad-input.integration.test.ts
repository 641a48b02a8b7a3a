import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { NEIGHBOUR, startBareServer } from './test-support/bare-server.ts';
import { heldOctets } from './test-support/held-octets.ts';
import { RawClient } from './test-support/raw-client.ts';
import type { TestServer, TestServerOptions } from './test-support/test-server.ts';

// Promise: whatever a stranger sends gets a clear answer or the door, and the session next to it notices nothing.

const MiB = 1024 * 1024;
let server: TestServer;
let neighbour: RawClient;

async function start(options?: Partial<TestServerOptions>): Promise<void> {
  server = await startBareServer(options);
  neighbour = await RawClient.greeted(server.port);
  await neighbour.command(`in LOGIN ${NEIGHBOUR.user} ${NEIGHBOUR.password}`);
}

/** Every test ends here: another session, open all the while, is answered as ever. */
afterEach(async () => {
  expect((await neighbour.command('still NOOP')).at(-1)).toMatch(/^still OK/);
  neighbour.close();
  await server.stop();
  expect(server.log.codes()).not.toContain('Unexpected');
  expect(server.log.codes()).not.toContain('CommandFailed');
});

test('a line without end is refused without being kept, and the session goes on', async () => {
  await start();
  const client = await RawClient.greeted(server.port);
  const piece = Buffer.alloc(MiB, 'x');
  const before = heldOctets();
  client.send('a1 NOOP ');
  for (let sent = 0; sent < 64; sent++) await client.sendAll(piece);
  await expect.poll(() => heldOctets() - before, { timeout: 5000 }).toBeLessThan(4 * MiB);
  client.send('\r\n');
  expect((await client.readTagged('a1')).at(-1)).toMatch(/^a1 BAD .*above the limit/);
  expect((await client.command('a2 NOOP')).at(-1)).toMatch(/^a2 OK/);
  client.close();
});

test('a large literal is refused before it is sent where the client asks first', async () => {
  await start();
  const client = await RawClient.greeted(server.port);
  client.send('a1 LOGIN {100000000}\r\n');
  expect(await client.readTagged('a1')).toEqual([expect.stringMatching(/^a1 NO \[TOOBIG\]/)]);
  expect((await client.command('a2 NOOP')).at(-1)).toMatch(/^a2 OK/);
  client.close();
});

test('a large literal that comes unasked is skipped without being kept', async () => {
  await start();
  const client = await RawClient.greeted(server.port);
  const piece = Buffer.alloc(MiB, 'x');
  const before = heldOctets();
  client.send(`a1 LOGIN {${64 * MiB}+}\r\n`);
  for (let sent = 0; sent < 64; sent++) await client.sendAll(piece);
  await expect.poll(() => heldOctets() - before, { timeout: 5000 }).toBeLessThan(4 * MiB);
  client.send(' secret\r\n');
  expect((await client.readTagged('a1')).at(-1)).toMatch(/^a1 NO \[TOOBIG\]/);
  expect((await client.command('a2 NOOP')).at(-1)).toMatch(/^a2 OK/);
  client.close();
});

test('a literal of which no end can be hoped for gets BYE', async () => {
  await start();
  const client = await RawClient.greeted(server.port);
  client.send('a1 LOGIN {999999999999+}\r\n');
  expect((await client.readToEnd()).at(-1)).toMatch(/^\* BYE .*unwanted/);
});

test('NUL and 8-bit garbage get BAD, and a flood of it gets BYE', async () => {
  await start();
  const client = await RawClient.greeted(server.port);
  client.send('\0\0\xff\xfe\x80\r\n');
  expect(await client.readLine()).toMatch(/^\* BAD/);
  expect((await client.command('a1 LOGIN \xff\xfe \0')).at(-1)).toMatch(/^a1 BAD/);
  expect((await client.command('a2 NOOP')).at(-1)).toMatch(/^a2 OK/);
  client.send('GET / HTTP/1.1\r\n'.repeat(100));
  const lines = await client.readToEnd();
  expect(lines.filter((line) => / BAD /.test(line))).toHaveLength(server.services.limits.maxBadInARow);
  expect(lines.at(-1)).toMatch(/^\* BYE/);
});

test('a login that trickles in octet by octet is ended by the clock', async () => {
  await start({ limits: { loginMs: 400 } });
  const client = await RawClient.connect(server.port);
  const trickle = setInterval(() => client.send('x'), 20);
  const lines = await client.readToEnd();
  clearInterval(trickle);
  expect(lines.at(-1)).toMatch(/^\* BYE Signing in took too long/);
  expect(server.observer.ended).toEqual(['loginTimeout']);
  client.close();
});

test('a handshake that never comes is ended by the clock', async () => {
  await start({ limits: { loginMs: 300 } });
  const client = await RawClient.connect(server.tlsPort);
  expect(await client.readToEnd()).toEqual([]);
});

test('a stranger cannot take the room of others', async () => {
  await start({ limits: { maxStrangersPerAddress: 2 } });
  const others = [await RawClient.greeted(server.port), await RawClient.greeted(server.port)];
  const tooMany = await RawClient.connect(server.port);
  expect(await tooMany.readToEnd()).toEqual([expect.stringMatching(/^\* BYE \[UNAVAILABLE\]/)]);
  expect(server.log.codes()).toContain('TooManySessions');
  for (const client of others) await client.command('bye LOGOUT');
  await expect.poll(() => server.services.admission.sessions).toBe(1);
  const again = await RawClient.greeted(server.port);
  expect((await again.command('a1 NOOP')).at(-1)).toMatch(/^a1 OK/);
  again.close();
});

test('one user cannot take the room of others', async () => {
  await start({ limits: { maxPerUser: 1 } });
  const second = await RawClient.greeted(server.port);
  const login = `a1 LOGIN ${NEIGHBOUR.user} ${NEIGHBOUR.password}`;
  expect(await second.command(login)).toEqual([expect.stringMatching(/^a1 NO \[LIMIT\]/)]);
  expect((await second.command('a2 LIST "" *')).at(-1)).toMatch(/^a2 BAD/);
  second.close();
});

test('wrong passwords are counted, and the connection ends after some', async () => {
  await start({ limits: { maxLoginFailures: 3 } });
  const client = await RawClient.greeted(server.port);
  client.send('a1 LOGIN u p\r\na2 LOGIN u p\r\na3 LOGIN u p\r\na4 LOGIN u p\r\n');
  const lines = await client.readToEnd();
  expect(lines.slice(0, 3)).toEqual(Array(3).fill(expect.stringMatching(/^a\d NO \[AUTHENTICATIONFAILED\]/)));
  expect(lines.slice(3)).toEqual([expect.stringMatching(/^\* BYE/)]);
  expect(server.observer.failedLogins).toBe(3);
  expect(server.log.codes().filter((code) => code === 'LoginFailed')).toHaveLength(3);
});

test('a client that never reads has bounded output, then is closed', async () => {
  const flood = Buffer.from('* OK flood\r\n'.repeat(5461));
  let written = 0;
  await start({
    limits: { stalledMs: 500 },
    handlers: [
      {
        name: 'CAPABILITY',
        states: ['notAuthenticated'],
        async run(_, { output }) {
          for (;;) {
            await output.write(flood);
            written += flood.length;
          }
        },
      },
    ],
  });
  const client = await RawClient.greeted(server.port);
  client.stopReading();
  client.send('a1 CAPABILITY\r\n');
  await expect.poll(() => server.observer.ended, { timeout: 8000 }).toEqual(['clientTooSlow']);
  // What the kernel buffers on both sides of a loopback connection, and one output buffer of ours.
  expect(written).toBeLessThan(32 * MiB);
  expect(server.log.codes()).toContain('ClientTooSlow');
  client.close();
});

test('pipelined commands are answered in order, also when the client closes its half behind them', async () => {
  await start();
  const client = await RawClient.greeted(server.port);
  const tags = Array.from({ length: 200 }, (_, i) => `t${i}`);
  client.send(tags.map((tag) => `${tag} NOOP\r\n`).join(''));
  client.half();
  expect(await client.readToEnd()).toEqual(tags.map((tag) => `${tag} OK NOOP completed`));
});

test('a client that resets its connection in the middle of a command leaves nothing behind', async () => {
  await start();
  const client = await RawClient.greeted(server.port);
  client.send('a1 LOGIN us');
  client.reset();
  await expect.poll(() => server.observer.ended).toEqual(['clientGone']);
  expect(server.services.admission.sessions).toBe(1);
});

test('nonsense made of real words, in whatever pieces, leaves nothing behind', async () => {
  const words =
    'a1 |NOOP|LOGIN |neighbour |APPEND INBOX |{5}\r\n|{5+}\r\n|(|)|"|\\| |\r\n|\n|AUTHENTICATE PLAIN\r\n|*\r\n|\0'
      .concat('|\xff|STARTTLS\r\n|IDLE\r\n|DONE\r\n|{99999999+}\r\n')
      .split('|');
  await start({ limits: { maxBadInARow: 1000 } });
  const nonsense = fc.sample(fc.array(fc.array(fc.constantFrom(...words), { maxLength: 8 }), { maxLength: 30 }), {
    numRuns: 200,
    seed: 5,
  });
  for (const [i, pieces] of nonsense.entries()) {
    const client = await RawClient.greeted(server.port);
    for (const piece of pieces) client.send(piece.join(''));
    if (i % 2 === 0) client.half();
    else client.reset();
    if (i % 2 === 0) setTimeout(() => client.close(), 50);
  }
  await expect.poll(() => server.services.admission.sessions, { timeout: 8000 }).toBe(1);
});
