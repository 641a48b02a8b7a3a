import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { roles } from '#database/roles.ts';
import { openRepository, type TestAccess } from '../routing/test-support/open-repository.ts';
import { TestRepository } from '../routing/test-support/test-repository.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { startTestServer, type TestServer } from '../session/test-support/test-server.ts';
import type { OperationId } from '../store/types.ts';

/**
 * Promise: without a writer a session reads on, and what reading would write is written later; after an unplanned
 * promotion it is told what was lost, sees flags as they are now, and no UID twice. Who comes back with what it knew before,
 * or knew of what was lost, is told of both.
 */

const PATIENT = { timeout: 20_000 };
let repository: TestRepository;
let access: TestAccess;
let server: TestServer;
const clients: RawClient[] = [];

beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a0', 'a1'] });
  const opened = openRepository(repository.target('a0', 1));
  const { store } = opened;
  access = opened.access;
  const account = { operation: randomUUID() as OperationId, name: 'ada', passwordHash: 'x', mailboxes: [] };
  await store.createAccount(account, { signal: AbortSignal.timeout(20_000) });
  server = await startTestServer({ authenticator: async ({ user }) => ({ kind: 'ok', user: { name: user, store } }) });
});
afterAll(async () => {
  for (const client of clients) client.close();
  await server?.stop();
  await access?.close();
  await repository?.close();
});

async function selected(): Promise<{ client: RawClient; lines: string[] }> {
  const client = await RawClient.greeted(server.port);
  clients.push(client);
  await client.command('l LOGIN ada x');
  return { client, lines: await client.command('s SELECT INBOX') };
}

/** What a client is told that comes back knowing a mod-sequence. */
async function resynced(uidValidity: string, modSeq: string): Promise<string[]> {
  const client = await RawClient.greeted(server.port);
  clients.push(client);
  await client.command('l LOGIN ada x');
  await client.command('e ENABLE QRESYNC');
  const lines = await client.command(`s SELECT INBOX (QRESYNC (${uidValidity} ${modSeq}))`);
  expect(lines.at(-1)).toMatch(/^s OK/);
  return lines.filter((line) => /VANISHED|FETCH/.test(line)).map((line) => line.replace(/ MODSEQ \(\d+\)/, ''));
}

const highestModSeq = async (client: RawClient): Promise<string> =>
  /HIGHESTMODSEQ (\d+)/.exec((await client.command('m STATUS INBOX (HIGHESTMODSEQ)')).join(' '))?.[1] ?? '';

async function append(client: RawClient, text: string): Promise<string> {
  client.send(`p APPEND INBOX {${text.length}+}\r\n${text}\r\n`);
  return (await client.readTagged('p')).at(-1) ?? '';
}

const replicated = async (): Promise<void> => {
  const [mark] = await repository.server('a0').sql<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
  const applied = `SELECT pg_last_wal_replay_lsn() >= '${mark?.lsn}' AS done`;
  await expect.poll(async () => await repository.server('a1').sql(applied), PATIENT).toEqual([{ done: true }]);
};

/** The replica receives nothing any more: what is acknowledged from now on is lost with the primary. */
async function detach(): Promise<void> {
  const primary = repository.server('a0');
  await primary.sql(`ALTER ROLE ${roles.replication} NOLOGIN`);
  await primary.sql('SELECT pg_terminate_backend(pid) FROM pg_stat_replication');
  const streams = 'SELECT count(*)::int AS streams FROM pg_stat_replication';
  await expect.poll(async () => await primary.sql(streams), PATIENT).toEqual([{ streams: 0 }]);
}

it('carries a session over the loss of its primary and of its last writes', async () => {
  const { client, lines } = await selected();
  const uidValidity = /UIDVALIDITY (\d+)/.exec(lines.join(' '))?.[1] ?? '';
  for (const name of ['one', 'two', 'three']) await append(client, `Subject: ${name}\r\n\r\n${name}\r\n`);
  const kept = await highestModSeq(client);
  await replicated();
  await detach();
  // Lost: a flag, an expunge, a message.
  await client.command('a STORE 1 +FLAGS (\\Flagged)');
  await client.command('b STORE 2 +FLAGS.SILENT (\\Deleted)');
  expect(await client.command('c EXPUNGE')).toContain('* 2 EXPUNGE');
  expect(await append(client, 'Subject: four\r\n\r\nfour\r\n')).toMatch(/^p OK \[APPENDUID \d+ 4\]/);
  expect(await client.command('d UID FETCH 1:* FLAGS')).toEqual([
    '* 1 FETCH (UID 1 FLAGS (\\Flagged \\Recent))',
    '* 2 FETCH (UID 3 FLAGS (\\Recent))',
    '* 3 FETCH (UID 4 FLAGS (\\Recent))',
    'd OK FETCH completed',
  ]);
  // `$` reaches over the UID of message 2.
  expect(await client.command('m SEARCH RETURN (SAVE) ALL')).toEqual(['m OK SEARCH completed']);

  const lost = await highestModSeq(client);

  await repository.server('a0').stop('SIGQUIT');
  access.retarget(repository.target(null, 2));
  const begun = performance.now();
  expect(await client.command('e NOOP')).toEqual(['e OK NOOP completed']);
  const body = await client.command('f UID FETCH 3 BODY[TEXT]');
  expect(body).toEqual(['* 2 FETCH (UID 3 BODY[TEXT] {7}', 'three', ')', 'f OK FETCH completed']);
  expect(await client.command('n UID SEARCH $')).toContain('* SEARCH 1 3 4');
  const second = await selected();
  expect(second.lines).toContain('* 3 EXISTS');
  // Nobody can be asked for tombstones: what exists tells as much.
  expect((await resynced(uidValidity, kept))[0]).toBe('* VANISHED (EARLIER) 2');
  expect(performance.now() - begun).toBeLessThan(8000);
  expect(server.mailboxes.deferred.waiting).toBeGreaterThan(0);

  await repository.promote('a1');
  await repository.stamp('a1', 2, 1000);
  access.retarget(repository.target('a1', 2));
  // \Seen of message 3 was put off: it is written now, by itself.
  await expect
    .poll(async () => (await client.command('g NOOP')).filter((line) => line.startsWith('*')), PATIENT)
    .toEqual([]);
  await expect.poll(() => server.mailboxes.deferred.waiting, PATIENT).toBe(0);
  await client.command('h NOOP');
  expect(await client.command('i UID FETCH 1:* FLAGS')).toEqual([
    '* 1 FETCH (UID 1 FLAGS (\\Recent))',
    '* 2 FETCH (UID 3 FLAGS (\\Seen \\Recent))',
    'i OK FETCH completed',
  ]);
  expect(await append(client, 'Subject: five\r\n\r\nfive\r\n')).toMatch(/^p OK \[APPENDUID \d+ 1004\]/);
  expect(await client.command('o UID SEARCH $')).toContain('* SEARCH 1 3');
  // Message 2, whose expunge was lost, is back for whoever selects the mailbox now, and only for them.
  const later = await selected();
  expect((await later.client.command('j UID FETCH 1:* UID')).slice(0, -1)).toEqual([
    '* 1 FETCH (UID 1)',
    '* 2 FETCH (UID 2)',
    '* 3 FETCH (UID 3)',
    '* 4 FETCH (UID 1004)',
  ]);
  expect((await client.command('k UID FETCH 1:* UID')).slice(0, -1)).toEqual([
    '* 1 FETCH (UID 1)',
    '* 2 FETCH (UID 3)',
    '* 3 FETCH (UID 1004)',
  ]);
  const [one, three, five] = [
    '* 1 FETCH (UID 1 FLAGS ())',
    '* 3 FETCH (UID 3 FLAGS (\\Seen))',
    '* 4 FETCH (UID 1004 FLAGS ())',
  ];
  // It saw what was lost: every flag is news, and message 2 is there again.
  const gone = '* VANISHED (EARLIER) 4:1003';
  expect(await resynced(uidValidity, lost)).toEqual([gone, one, '* 2 FETCH (UID 2 FLAGS ())', three, five]);
  expect(await resynced(uidValidity, kept)).toEqual([three, five]);
});
