import { fastify } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { peerRoutes } from '../admin/peer-routes.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../session/test-support/imap-server.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { startTestServer, type TestServer } from '../session/test-support/test-server.ts';

/**
 * Promise: a change made through one process reaches an IDLE client of another long before the poll would bring it, and without
 * hints within the poll. How long it takes, promised 50 ms, is measured by `npm run bench -- dovecot --only idle-news-other`.
 */

/** By the poll alone it would be half a second in the middle. */
const BY_POLL_MS = 350;

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

async function session(port: number, mailbox = 'INBOX'): Promise<RawClient> {
  const client = await RawClient.greeted(port);
  closing.push(() => client.close());
  await client.command(`l LOGIN ada "${PASSWORD}"`);
  await client.command(`s SELECT ${mailbox}`);
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

it('reaches an IDLE client of another process before a poll would', async () => {
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
  // The first one opens the connection between the processes.
  expect(middleOf(delays.slice(1)), delays.map(Math.round).join(' ')).toBeLessThan(BY_POLL_MS);
});

it('tells of a mailbox that is deleted before a poll would', async () => {
  const writer = await session(one.port);
  const delays: number[] = [];
  for (let round = 0; round < 5; round++) {
    await writer.command(`c CREATE doomed${round}`);
    await one.fixture.append('Subject: a\r\n\r\na\r\n', { mailbox: `doomed${round}` });
    const idler = await session(two.port, `doomed${round}`);
    idler.send('i IDLE\r\n');
    expect(await idler.readLine()).toBe('+ idling');
    const begun = performance.now();
    const [sent, told] = await Promise.all([writer.command(`d DELETE doomed${round}`), idler.readLine()]);
    delays.push(performance.now() - begun);
    expect([sent, told]).toEqual([['d OK DELETE completed'], '* 1 EXPUNGE']);
  }
  expect(middleOf(delays), delays.map(Math.round).join(' ')).toBeLessThan(BY_POLL_MS);
});

it('tells of other names', async () => {
  const writer = await session(one.port);
  await writer.command('c CREATE before/child');
  await session(two.port, 'before/child');
  expect(await writer.command('r RENAME before after')).toEqual(['r OK RENAME completed']);
  const names = () => two.mailboxes.views.watched.map(({ view }) => view.state.name);
  await expect.poll(names).toContain('after/child');
});

it('finds another name by NOOP, where no hint comes', async () => {
  const writer = await session(two.port);
  await writer.command('c CREATE earlier');
  const client = await session(one.port, 'earlier');
  expect(await writer.command('r RENAME earlier later')).toEqual(['r OK RENAME completed']);
  expect(await client.command('n NOOP')).toEqual(['n OK NOOP completed']);
  expect(one.mailboxes.views.watched.map(({ view }) => view.state.name)).toContain('later');
});

/** The middle one counts: the machine is shared. */
const middleOf = (delays: readonly number[]): number =>
  [...delays].sort((a, b) => a - b)[Math.floor(delays.length / 2)] ?? Number.POSITIVE_INFINITY;
