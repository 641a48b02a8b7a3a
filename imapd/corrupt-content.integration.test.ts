import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { usersPath } from '#contract/users-api.ts';
import { TestCluster } from './routing/test-support/test-cluster.ts';
import { TestRepository } from './routing/test-support/test-repository.ts';
import { WireProxy } from './routing/test-support/wire-proxy.ts';
import { RawClient } from './session/test-support/raw-client.ts';
import { RecordedLog } from './session/test-support/recorded-log.ts';
import { json, startTestImapd, type TestImapd } from './test-support/test-imapd.ts';

// Promise: a client gets the right octets whatever becomes of the replica that serves them. One that dies under a literal is
// followed by another member at the same offset. What the disk of a replica spoilt is never sent: the right octets come from
// another member, the log names the bad one once, and it is not asked again.

const BODY = 'every octet of this counts';
const message = `Subject: sound\r\n\r\n${BODY}\r\n`;
const log = new RecordedLog();
/** In front of the replica. */
let line: WireProxy;
let repository: TestRepository;
let cluster: TestCluster;
let imapd: TestImapd;
let client: RawClient;

beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a', 'b'] });
  cluster = await TestCluster.start(['users-a']);
  const [a, b] = [repository.server('a').endpoint, repository.server('b').endpoint];
  line = await WireProxy.start(b, 'postgresql');
  const targets = { 'users-a': repository.target('a', 1, { members: { a, b: line.endpoint } }) };
  // Without memory for young content, what is read comes from a database.
  imapd = await startTestImapd(cluster, { log, targets, more: { reads: { recentContentCacheBytes: 0 } } });
  expect((await imapd.ask(usersPath, json('POST', { name: 'ada', password: 'secret' }))).status).toBe(201);
  client = await RawClient.greeted(imapd.imapPort);
  await client.command('l LOGIN ada secret');
  client.send(`a APPEND INBOX {${message.length}+}\r\n${message}\r\n`);
  expect((await client.readTagged('a')).at(-1)).toMatch(/^a OK/);
  await client.command('s SELECT INBOX');
});
afterAll(async () => {
  client?.close();
  await imapd?.stop();
  await line?.close();
  await cluster?.close();
  await repository?.close();
});

const fetched = async (): Promise<string> => (await client.command('f FETCH 1 BODY.PEEK[]')).join('\r\n');

/** How often content was answered by whom, by the process's own count. */
async function reads(labels: string): Promise<number> {
  const text = await (await imapd.ask('/metrics')).text();
  const line = text.split('\n').find((each) => each.startsWith(`imapd_content_reads_total{${labels}}`));
  return Number(line?.split(' ').at(-1) ?? 0);
}
const byReplica = (): Promise<number> => reads('partition="users-a",source="replica",fallback="none"');

/** Turns a bit of the message in the files of `b`, as a bad disk would, and lets the server believe its pages. */
async function spoil(): Promise<void> {
  const [a, b] = [repository.server('a'), repository.server('b')];
  // What the replica has replayed up to here is not replayed again after its restart, which would mend the page.
  await a.sql('CHECKPOINT');
  const [at] = await a.sql<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
  const replayed = 'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS done';
  await b.until(async () => (await b.sql<{ done: boolean }>(replayed, [at?.lsn]))[0]?.done === true);
  const [where] = await b.sql<{ path: string }>("SELECT pg_relation_filepath('mail.chunk') AS path");
  await b.stop('SIGINT');
  const file = join(b.data, where?.path ?? '');
  const octets = await readFile(file);
  const found = octets.indexOf(BODY);
  expect(found).toBeGreaterThan(0);
  octets.writeUInt8(octets.readUInt8(found) ^ 1, found);
  await writeFile(file, octets);
  await b.start({ ignore_checksum_failure: 'on' });
}

test('a literal under way goes on from another member at the same offset', async () => {
  const text = Array.from({ length: 5 * 16_384 }, (_, n) => `${n}`.padStart(62, '.').concat('\r\n')).join('');
  const large = `Subject: large\r\n\r\n${text}`;
  await client.command('c CREATE Large');
  client.send(`a APPEND Large {${large.length}+}\r\n${large}\r\n`);
  expect((await client.readTagged('a')).at(-1)).toMatch(/^a OK/);
  await client.command('s SELECT Large');
  const octets = async (): Promise<string> => (await client.command('f FETCH 1 BODY.PEEK[]')).slice(1, -1).join('\r\n');
  const whole = `${large})`;
  await expect.poll(async () => [await octets(), await byReplica()][1], { timeout: 10_000 }).toBeGreaterThan(0);
  const fromPrimary = 'partition="users-a",source="primary",fallback="error"';
  const [before, replicaBefore] = [await reads(fromPrimary), await byReplica()];
  let passed = 0;
  line.judge = ({ side, type, body }) => {
    if (side === 'backend' && type === 'D') passed += body.length;
    // Dead from here on, for who connects anew as well.
    return passed > 1024 * 1024 ? 'cutBefore' : 'forward';
  };
  const got = await octets();
  expect(got.length).toBe(whole.length);
  expect(got === whole).toBe(true);
  expect(passed).toBeLessThan(2 * 1024 * 1024);
  expect(await byReplica()).toBeGreaterThan(replicaBefore);
  expect(await reads(fromPrimary)).toBeGreaterThan(before);
  line.judge = () => 'forward';
  await client.command('s SELECT INBOX');
});

test('a spoilt replica is found out, told once, and not asked again', async () => {
  await expect.poll(async () => [await fetched(), await byReplica()][1], { timeout: 10_000 }).toBeGreaterThan(0);
  expect(await fetched()).toContain(BODY);
  await spoil();
  const corrupt = (): number => log.codes().filter((code) => code === 'ContentCorrupt').length;
  const readOnce = async (): Promise<number> => {
    expect(await fetched()).toContain(message);
    return corrupt();
  };
  await expect.poll(readOnce, { timeout: 10_000 }).toBe(1);
  const { fields } = log.events.find(({ code }) => code === 'ContentCorrupt') ?? {};
  expect(fields).toMatchObject({
    partition: 'users-a',
    member: 'b',
    content: expect.stringMatching(/^messages? 1 of/),
  });
  expect(await reads('partition="users-a",source="primary",fallback="corrupt"')).toBe(1);
  const before = await byReplica();
  for (let i = 0; i < 20; i++) expect(await fetched()).toContain(message);
  expect([await byReplica(), corrupt()]).toEqual([before, 1]);
  expect(log.codes()).not.toContain('CommandFailed');
});
