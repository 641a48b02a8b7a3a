import { afterAll, beforeAll, expect, test } from 'vitest';
import { heldOctets } from '../session/test-support/held-octets.ts';
import { type ImapServer, PASSWORD, startImapServer } from '../session/test-support/imap-server.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { fuzzSessions } from './fuzz-sessions.ts';

// Promise: whatever a signed-in client says, its session ends when it goes, right commands are answered, what is answered is
// of the grammar (every integration test sees to that), the server faults nowhere, holds nothing, and serves on.

const SEED = Number(process.env.IMAPCLUSTER_FUZZ_SEED ?? 3501);
const SESSIONS = Number(process.env.IMAPCLUSTER_FUZZ_SESSIONS ?? 600);
const MOST_HELD = 32 * 1024 * 1024;

let server: ImapServer;
beforeAll(async () => {
  server = await startImapServer({ limits: { maxPerUser: 100, maxBadInARow: 20 } });
});
afterAll(() => server.stop());

test('hostile sessions', { timeout: 60_000 + SESSIONS * 200 }, async () => {
  const before = heldOctets();
  const login = `ada "${PASSWORD}"`;
  await fuzzSessions({ port: server.port, login, seed: SEED, sessions: SESSIONS, abreast: 6, deadlineMs: 20_000 });
  const faults = server.log.events.filter(({ code }) => code === 'CommandFailed' || code === 'Unexpected');
  expect(faults.slice(0, 3), `seed ${SEED}`).toEqual([]);
  await expect.poll(() => heldOctets() - before).toBeLessThan(MOST_HELD);
  const client = await RawClient.greeted(server.port);
  expect((await client.command(`l LOGIN ada "${PASSWORD}"`)).at(-1)).toMatch(/^l OK/);
  expect((await client.command('s SELECT INBOX')).at(-1)).toMatch(/^s OK/);
  client.close();
});
