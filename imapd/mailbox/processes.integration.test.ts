import { fastify } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { peerRoutes } from '../admin/peer-routes.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../session/test-support/imap-server.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { startTestServer, type TestServer } from '../session/test-support/test-server.ts';

/** Promise: a change made through one process reaches an IDLE client of another within 50 ms, and without hints within the poll. */

let one: ImapServer;
let two: TestServer;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  one = await startImapServer();
  const { store } = one.fixture;
  two = await startTestServer({ authenticator: async ({ user }) => ({ kind: 'ok', user: { name: user, store } }) });
});
afterAll(async () => {
  for (const close of closing) await close();
  await two.stop();
  await one.stop();
});

async function session(port: number): Promise<RawClient> {
  const client = await RawClient.greeted(port);
  closing.push(() => client.close());
  await client.command(`l LOGIN ada "${PASSWORD}"`);
  await client.command('s SELECT INBOX');
  return client;
}

/** The admin server of the second process, as the first one knows it. */
async function connectPeers(): Promise<void> {
  const admin = fastify();
  const { mailboxes } = two;
  peerRoutes(admin, { setPeers: () => undefined, receiveHints: (body) => mailboxes.receiveHints(body) });
  const url = await admin.listen({ host: '127.0.0.1', port: 0 });
  closing.push(() => admin.close());
  one.mailboxes.setPeers([{ host: '127.0.0.1', port: Number(new URL(url).port) }]);
}

it('is told by the poll where no hint comes', async () => {
  await one.fixture.append('Subject: a\r\n\r\na\r\n');
  const [writer, idler] = [await session(one.port), await session(two.port)];
  idler.send('i IDLE\r\n');
  expect(await idler.readLine()).toBe('+ idling');
  await writer.command('a STORE 1 +FLAGS (\\Flagged)');
  expect(await idler.readLine()).toBe('* 1 FETCH (UID 1 FLAGS (\\Flagged))');
});

it('reaches an IDLE client of another process within 50 ms', async () => {
  await connectPeers();
  const [writer, idler] = [await session(one.port), await session(two.port)];
  idler.send('i IDLE\r\n');
  expect(await idler.readLine()).toBe('+ idling');
  const delays: number[] = [];
  for (let round = 0; round < 12; round++) {
    const begun = performance.now();
    const [sent, told] = await Promise.all([
      writer.command(`a STORE 1 ${round % 2 === 0 ? '+' : '-'}FLAGS.SILENT (\\Answered)`),
      idler.readLine(),
    ]);
    delays.push(performance.now() - begun);
    expect(sent).toEqual(['a OK STORE completed']);
    expect(told).toMatch(/^\* 1 FETCH \(UID 1 FLAGS \(.*\)\)$/);
  }
  // The first one opens the connection between the processes. The middle one counts: the machine is shared.
  const inOrder = delays.slice(1).sort((a, b) => a - b);
  expect(inOrder[Math.floor(inOrder.length / 2)], inOrder.map(Math.round).join(' ')).toBeLessThan(50);
});
