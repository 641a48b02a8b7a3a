import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { answers } from '../../session/test-support/answers.ts';
import { Clients } from '../../session/test-support/clients.ts';
import { type ImapServer, startImapServer } from '../../session/test-support/imap-server.ts';
import type { RawClient } from '../../session/test-support/raw-client.ts';

// Promise (RFC 5465): nobody is told by NOTIFY of what he has done himself, nor twice of the selected mailbox.

let server: ImapServer;
/** Who is told, and knows when `client` could have been. */
let watcher: RawClient;
let client: RawClient;
let actor: RawClient;
const clients = new Clients();
let box = '';
let boxes = 0;

beforeAll(async () => {
  server = await startImapServer({ limits: { notifyPollMs: 500 } });
});
afterAll(async () => {
  clients.close();
  await server?.stop();
});
beforeEach(async () => {
  box = `box${boxes++}`;
  [watcher, client, actor] = [await signedIn(), await signedIn(), await signedIn()];
});

const signedIn = (): Promise<RawClient> => clients.signedIn(server.port);

async function watch(what: string): Promise<void> {
  for (const each of [client, watcher]) await answers(each, `NOTIFY SET (${what})`);
}

test('of what the session itself does it is not told (5), but of what others do then', async () => {
  await watch('personal (MessageNew MessageExpunge MailboxName SubscriptionChange)');
  const commands = [
    [`CREATE ${box}`, /^\* LIST \(\\HasNoChildren\) "\/" box/],
    [`SUBSCRIBE ${box}`, /^\* LIST .*\\Subscribed/],
    [`UNSUBSCRIBE ${box}`, /^\* LIST \(\\HasNoChildren\) /],
    [`RENAME ${box} new${box}`, /^\* LIST .* newbox\d+ \("OLDNAME"/],
    [`APPEND new${box} {6+}\r\na: b\r\n`, /^\* STATUS newbox\d+ \(MESSAGES 1 /],
    [`DELETE new${box}`, /^\* LIST \(\\NonExistent /],
  ] as const;
  for (const [command, told] of commands) {
    await answers(client, command);
    expect(await watcher.readLine()).toMatch(told);
  }
  expect(await answers(client, 'NOOP')).toEqual([]);
  await answers(actor, `CREATE new${box}`);
  expect(await client.readLine()).toBe(`* LIST (\\HasNoChildren) "/" new${box}`);
});

test('of a mailbox that is selected before it could be told no STATUS is told (3.1)', async () => {
  await answers(actor, `CREATE ${box}`);
  await watch(`mailboxes ${box} (MessageNew MessageExpunge)`);
  client.send('a APPEND Sent {6}\r\n');
  expect(await client.readLine()).toMatch(/^\+ /);
  await answers(actor, `APPEND ${box} {6+}\r\na: b\r\n`);
  expect(await watcher.readLine()).toMatch(/^\* STATUS box/);
  client.send(`a: b\r\n\r\ns SELECT ${box}\r\n`);
  const lines = [...(await client.readTagged('s')), ...(await answers(client, 'NOOP'))];
  const selected = lines.findIndex((line) => line.endsWith(' EXISTS'));
  expect(selected).toBeGreaterThan(0);
  expect(lines.slice(selected).filter((line) => line.startsWith('* STATUS'))).toEqual([]);
});
