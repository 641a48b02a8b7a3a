import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ImapServer, PASSWORD, startImapServer } from '../../session/test-support/imap-server.ts';
import { RawClient } from '../../session/test-support/raw-client.ts';

// Promise: what a mail program says of itself is in the log, once a session, and nothing else that it may say there.

let server: ImapServer;
beforeAll(async () => {
  server = await startImapServer();
});
afterAll(() => server.stop());

test('a program is named in the log', async () => {
  const client = await RawClient.greeted(server.port);
  await client.command(`l LOGIN ada "${PASSWORD}"`);
  const long = 'x'.repeat(300);
  const said = `ID ("name" "Mail & Co" "VERSION" "${long}" "os" NIL "arguments" "--password secret")`;
  expect(await client.command(`a ${said}`)).toEqual(['* ID ("name" "imapcluster")', expect.stringMatching(/^a OK/)]);
  await client.command('b ID NIL');
  await client.command(`c ${said}`);
  client.close();
  const told = server.log.events.filter(({ code }) => code === 'ClientIdentified').map(({ fields }) => fields);
  expect(told).toEqual([
    { session: expect.any(String), user: 'ada', client: { name: 'Mail & Co', version: long.slice(0, 100) } },
  ]);
});
