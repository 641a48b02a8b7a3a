import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';

/** Promise: of the sessions of one process, the first that is told of a message sees it as \Recent, and no other (RFC 3501, 2.3.2). */

let server: ImapServer;
const clients: RawClient[] = [];

beforeAll(async () => {
  server = await startImapServer();
});
afterAll(async () => {
  for (const client of clients) client.close();
  await server?.stop();
});

async function session(command: string): Promise<RawClient> {
  const client = await RawClient.greeted(server.port);
  clients.push(client);
  await client.command(`l LOGIN ada "${PASSWORD}"`);
  expect((await client.command(`s ${command}`)).at(-1)).toMatch(/^s OK/);
  return client;
}

/** UIDs by what their flags say; first told of what is new. */
async function recent(client: RawClient): Promise<string> {
  await client.command('n NOOP');
  const found = await client.command('r UID SEARCH RECENT');
  return found[0]?.replace('* SEARCH', '').trim() ?? '';
}
const deliver = () => server.fixture.append('Subject: a\r\n\r\na\r\n');

it('goes to the first that is told', async () => {
  await deliver();
  const [first, second] = [await session('SELECT INBOX'), await session('SELECT INBOX')];
  expect([await recent(first), await recent(second)]).toEqual(['1', '']);
  await deliver();
  expect([await recent(second), await recent(first)]).toEqual(['2', '1']);
  await deliver();
  await deliver();
  expect([await recent(first), await recent(second)]).toEqual(['1 3 4', '2']);
  expect((await first.command('f FETCH 1:4 FLAGS')).filter((line) => line.includes('Recent'))).toHaveLength(3);
  await deliver();
  expect(await second.command('n NOOP')).toEqual(['* 5 EXISTS', '* 2 RECENT', 'n OK NOOP completed']);
  expect(await first.command('n NOOP')).toEqual(['* 5 EXISTS', '* 3 RECENT', 'n OK NOOP completed']);
});

it('is not claimed by EXAMINE, and not by who comes later', async () => {
  const looking = await session('EXAMINE INBOX');
  const reading = await session('SELECT INBOX');
  const uid = String(await deliver());
  expect([await recent(looking), await recent(reading), await recent(looking)]).toEqual([uid, uid, uid]);
  const late = await session('SELECT INBOX');
  expect(await recent(late)).toBe('');
  for (const client of clients) await client.command('o LOGOUT');
  expect(await recent(await session('SELECT INBOX'))).toBe('');
});
