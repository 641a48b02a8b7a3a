import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';
import { Capabilities } from '../any-state/capability-table.ts';
import type { CommandHandler } from '../command-handler.ts';
import { search } from './search.ts';

// Promise: OLDER and YOUNGER (RFC 5032) compare INTERNALDATE with the server's clock, exact to the second.

const capabilities = new Capabilities({
  disabled: [],
  tlsAvailable: false,
  clearTextFromAnywhere: false,
  appendLimit: 1000,
});
/** Messages of the fixture arrived at 12:00:00. */
const now = (): Date => new Date('2026-11-01T12:01:00.900Z');

let server: ImapServer;
let client: RawClient;
beforeAll(async () => {
  server = await startImapServer({
    handlers: [search({ capabilities, now, maxContexts: 1, maxNotifications: 1 }) as CommandHandler],
  });
  await server.fixture.append('Subject: a minute old\r\n\r\n');
  client = await RawClient.greeted(server.port);
  await client.command(`l LOGIN ada "${PASSWORD}"`);
  client.send('b APPEND INBOX "01-Nov-2026 13:00:30 +0100" {17+}\r\nSubject: half\r\n\r\n\r\n');
  expect((await client.readTagged('b')).at(-1)).toMatch(/^b OK/);
  await client.command('s SELECT INBOX');
});
afterAll(async () => {
  client?.close();
  await server?.stop();
});

it.each([
  ['OLDER 60', ' 1'],
  ['OLDER 61', ''],
  ['OLDER 30', ' 1 2'],
  ['OLDER 4294967295', ''],
  ['YOUNGER 60', ' 1 2'],
  ['YOUNGER 59', ' 2'],
  ['YOUNGER 29', ''],
  ['YOUNGER 4294967295', ' 1 2'],
  ['UNSEEN NOT YOUNGER 59', ' 1'],
])('SEARCH %s', async (key, found) => {
  expect(await client.command(`a SEARCH ${key}`)).toEqual([`* SEARCH${found}`, 'a OK SEARCH completed']);
});
