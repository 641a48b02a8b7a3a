import { afterEach, expect, test } from 'vitest';
import { answers } from '../../session/test-support/answers.ts';
import { Clients } from '../../session/test-support/clients.ts';
import { type ImapServer, startImapServer } from '../../session/test-support/imap-server.ts';
import type { RawClient } from '../../session/test-support/raw-client.ts';

// Promise: what NOTIFY (RFC 5465) says and leaves out agrees with what the client knows by mod-sequences (RFC 7162).

let server: ImapServer;
const clients = new Clients();
afterEach(async () => {
  clients.close();
  await server.stop();
});

const signedIn = (): Promise<RawClient> => clients.signedIn(server.port);

test.each([
  ['EXPUNGE', 'EXPUNGE'],
  ['MOVE', 'UID MOVE 2 Sent'],
  ['REPLACE', 'UID REPLACE 2 Sent {1+}\r\nx'],
])('flags that are not told are above the HIGHESTMODSEQ of %s: who comes back hears of them', async (_, command) => {
  server = await startImapServer();
  for (let uid = 1; uid <= 2; uid++) await server.fixture.append(`Subject: ${uid}\r\n\r\nx`);
  const [client, other] = [await signedIn(), await signedIn()];
  await answers(client, 'ENABLE QRESYNC');
  const validity = /UIDVALIDITY (\d+)/.exec((await answers(client, 'SELECT INBOX')).join(' '))?.[1];
  await answers(client, 'NOTIFY SET (selected (MessageNew MessageExpunge))');
  await answers(other, 'SELECT INBOX');
  await answers(other, 'STORE 1 +FLAGS.SILENT (\\Flagged)');
  await answers(client, 'STORE 2 +FLAGS.SILENT (\\Deleted)');
  const lines = (await client.command(`e ${command}`)).join(' ');
  const told = Array.from(lines.matchAll(/HIGHESTMODSEQ (\d+)/g), ([, modSeq]) => Number(modSeq));
  const back = await signedIn();
  await answers(back, 'ENABLE QRESYNC');
  expect(await answers(back, `SELECT INBOX (QRESYNC (${validity} ${Math.max(...told)}))`)).toContainEqual(
    expect.stringMatching(/^\* 1 FETCH \(UID 1 FLAGS \(\\Flagged/),
  );
});

test('where CONDSTORE is switched off nobody is told of a mod-sequence', async () => {
  server = await startImapServer({ policy: { disabled: ['CONDSTORE', 'QRESYNC'] } });
  const client = await signedIn();
  expect(await answers(client, 'NOTIFY SET STATUS (mailboxes Sent (MessageNew MessageExpunge FlagChange))')).toEqual([
    expect.stringMatching(/^\* STATUS Sent \(MESSAGES 0 UIDNEXT 1 UIDVALIDITY \d+ UNSEEN 0\)$/),
  ]);
});
