import { afterEach, expect, it } from 'vitest';
import { answers } from '../../session/test-support/answers.ts';
import { Clients } from '../../session/test-support/clients.ts';
import { type ImapServer, startImapServer } from '../../session/test-support/imap-server.ts';
import type { RawClient } from '../../session/test-support/raw-client.ts';

// Promise: what is watched costs one statement for each hint, and one for each poll; who watches nothing costs none.

let server: ImapServer;
let watcher: RawClient;
let actor: RawClient;

async function start(notifyPollMs: number): Promise<void> {
  server = await startImapServer({ limits: { notifyPollMs } });
  [watcher, actor] = [await signedIn(), await signedIn()];
}
async function watch(): Promise<void> {
  await answers(watcher, 'NOTIFY SET (personal (MessageNew MessageExpunge MailboxName))');
  server.fixture.statementNames.length = 0;
}
const clients = new Clients();
afterEach(async () => {
  clients.close();
  await server.stop();
});

const signedIn = (): Promise<RawClient> => clients.signedIn(server.port);

const named = (beginning: string): string[] =>
  server.fixture.statementNames.filter((name) => name.startsWith(beginning));
const append = (mailbox: string): Promise<string[]> => answers(actor, `APPEND ${mailbox} {1+}\r\nx`);

it('who does not use it has the database asked nothing', async () => {
  await start(100);
  await answers(watcher, 'SELECT INBOX');
  while (named('modseq-poll').length < 2) await answers(watcher, 'NOOP');
  expect(named('watch-')).toEqual([]);
});

it('a hint is one look at one mailbox; only another name is a look at all', async () => {
  await start(600_000);
  await watch();
  await append('Sent');
  expect(await watcher.readLine()).toMatch(/^\* STATUS Sent \(MESSAGES 1 /);
  expect(named('watch-')).toEqual(['watch-mailboxes-by-id']);
  await answers(actor, 'RENAME Sent Away');
  expect(await watcher.readLine()).toBe('* LIST (\\HasNoChildren \\Sent) "/" Away ("OLDNAME" (Sent))');
  await append('Away');
  expect(await watcher.readLine()).toMatch(/^\* STATUS Away \(MESSAGES 2 /);
  expect(named('watch-digests')).toHaveLength(1);
});

it('the poll finds again nothing that a hint has told', async () => {
  await start(1000);
  await watch();
  const polls = (): number => named('watch-digests').length;
  await expect.poll(polls).toBe(1);
  await append('Sent');
  expect(await watcher.readLine()).toMatch(/^\* STATUS Sent \(MESSAGES 1 /);
  expect(polls()).toBe(1);
  await expect.poll(polls).toBeGreaterThan(2);
  expect(named('watch-')).not.toContain('watch-mailboxes');
});
