import { once } from 'node:events';
import { connect } from 'node:net';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PUSH_PATH } from '#contract/push-api.ts';
import type { Target } from '#contract/routing-document.ts';
import { usersPath } from '#contract/users-api.ts';
import { TestCluster } from '../routing/test-support/test-cluster.ts';
import { TestRepository } from '../routing/test-support/test-repository.ts';
import { RawClient } from '../session/test-support/raw-client.ts';
import { RecordedLog } from '../session/test-support/recorded-log.ts';
import { json, startTestImapd, type TestImapd } from '../test-support/test-imapd.ts';
import { metricTable } from './metric-table.ts';

// Promise: every metric of the table says what happens: sessions, a wrong password, acting for others, reads by class, signatures that are dropped, a busy pool, a statement
// that was cut off, a hold, a change of epoch.

/** Another address of this machine than that of clients. */
const BALANCER = '127.0.0.2';

let repository: TestRepository;
let cluster: TestCluster;
let imapd: TestImapd;
const log = new RecordedLog();
const clients: RawClient[] = [];
/** The largest value of every metric in any look so far, by name. */
const seen = new Map<string, number>();

const asynchronous = (writer: string | null, epoch: number): Target =>
  repository.target(writer, epoch, { durability: 'Async', leaseSeconds: 30, readers: ['b'] });

beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a', 'b'] });
  cluster = await TestCluster.start(['users-a']);
  imapd = await startTestImapd(cluster, {
    log,
    targets: { 'users-a': asynchronous('a', 1) },
    more: {
      reads: { recentContentCacheBytes: 0, searchSignatures: true },
      pools: { read: 1 },
      proxyProtocolFrom: [`${BALANCER}/32`],
    },
  });
});
afterAll(async () => {
  for (const client of clients) client.close();
  await imapd?.stop();
  await cluster?.close();
  await repository?.close();
});

/** Looks at the metrics; gives the value of one, named with its labels, 0 where it is not there. */
async function look(sought: string): Promise<number> {
  const text = await (await imapd.ask('/metrics')).text();
  let found = 0;
  for (const line of text.split('\n').filter((each) => !each.startsWith('#'))) {
    const [, name = '', labels = '', value = ''] = /^(\w+)(\{.*\})? (.+)$/.exec(line) ?? [];
    if (Number(value) > (seen.get(name) ?? 0)) seen.set(name, Number(value));
    if (name + labels === sought) found = Number(value);
  }
  return found;
}

async function connected(): Promise<RawClient> {
  const client = await RawClient.greeted(imapd.imapPort);
  clients.push(client);
  return client;
}
const signIn = async (client: RawClient, password: string): Promise<string | undefined> =>
  (await client.command(`l LOGIN ada ${password}`)).at(-1);
const push = async (target: Target): Promise<void> => {
  const document = await cluster.document({ 'users-a': target });
  expect((await imapd.ask(PUSH_PATH, json('PUT', { document }))).status).toBe(200);
};

test('sessions by state, wrong passwords, and response codes', async () => {
  expect((await imapd.ask(usersPath, json('POST', { name: 'ada', password: 'secret' }))).status).toBe(201);
  const [reader, idler, stranger] = [await connected(), await connected(), await connected()];
  expect(await signIn(stranger, 'guess')).toMatch(/^l NO \[AUTHENTICATIONFAILED\]/);
  expect(await look('imapd_login_failures_total')).toBe(1);
  expect(await look('imapd_command_codes_total{command="LOGIN",code="AUTHENTICATIONFAILED"}')).toBe(1);
  expect(await signIn(idler, 'secret')).toMatch(/^l OK/);
  expect(await signIn(reader, 'secret')).toMatch(/^l OK/);
  await reader.command('s SELECT INBOX');
  for (const state of ['notAuthenticated', 'authenticated', 'selected']) {
    expect(await look(`imapd_sessions{state="${state}"}`), state).toBe(1);
  }
  await stranger.command('b LOGOUT');
  await expect.poll(() => look('imapd_sessions_closed_total{reason="logout"}')).toBe(1);
  expect(await look('imapd_sessions{state="notAuthenticated"}')).toBe(0);
  expect(await look('imapd_sessions_opened_total')).toBe(3);
});

test('acting for somebody else, and a load balancer that does not say for whom it speaks', async () => {
  const client = await connected();
  const response = Buffer.from('grace\0ada\0secret').toString('base64');
  expect((await client.command(`p AUTHENTICATE PLAIN ${response}`)).at(-1)).toMatch(/^p NO \[AUTHORIZATIONFAILED\]/);
  expect(await look('imapd_acting_sign_ins_total{result="refused"}')).toBe(1);
  const balancer = connect({ host: '127.0.0.1', port: imapd.imapPort, localAddress: BALANCER });
  balancer.end('a NOOP\r\n').resume();
  await once(balancer, 'close');
  await expect.poll(() => look('imapd_proxy_headers_refused_total')).toBe(1);
});

test('reads by class and by where from; how old the replica is; the lease that it proves', async () => {
  const [reader] = clients as [RawClient];
  reader.send('a APPEND INBOX {14+}\r\nSubject: x\r\n\r\n\r\n');
  expect((await reader.readTagged('a')).at(-1)).toMatch(/^a OK/);
  const fetched = async (): Promise<number> => {
    await reader.command('f FETCH 1 BODY.PEEK[]');
    return await look('imapd_reads_total{partition="users-a",class="content",source="replica"}');
  };
  await expect.poll(fetched).toBeGreaterThan(0);
  await reader.command('b SEARCH BODY nowhere');
  expect(await look('imapd_search_signatures_total{partition="users-a",signature="missing"}')).toBeGreaterThan(0);
  const state = 'imapd_reads_total{partition="users-a",class="state",source="primary"}';
  const before = await look(state);
  await reader.command('n STATUS INBOX (MESSAGES)');
  expect(await look(state)).toBeGreaterThan(before);
  expect(await look('imapd_reads_total{partition="users-a",class="account",source="primary"}')).toBeGreaterThan(0);
  await expect.poll(() => look('imapd_write_lease_seconds{partition="users-a"}')).toBeGreaterThan(1);
  await expect.poll(() => look('imapd_replica_age_seconds{partition="users-a",member="b"}')).toBeGreaterThan(0);
});

test('signatures of a search that the database does not take', async () => {
  const [reader] = clients as [RawClient];
  const a = repository.server('a');
  const dropped = 'imapd_search_signatures_total{partition="users-a",signature="dropped"}';
  await a.sql('REVOKE INSERT ON mail.text_signature FROM imapcluster_mail');
  reader.send('a APPEND INBOX {14+}\r\nSubject: y\r\n\r\n\r\n');
  expect((await reader.readTagged('a')).at(-1)).toMatch(/^a OK/);
  expect((await reader.command('b SEARCH BODY nowhere')).at(-1)).toMatch(/^b OK/);
  await expect.poll(() => look(dropped), { timeout: 15_000 }).toBeGreaterThan(0);
  expect(log.codes()).toContain('SignaturesDropped');
  await a.sql('GRANT INSERT ON mail.text_signature TO imapcluster_mail');
});

test('a pool that all wait for, and statements that are cut off and done again', async () => {
  const a = repository.server('a');
  const blocker = new Client({ host: a.data, port: a.port, user: 'postgres', database: 'postgres' });
  await blocker.connect();
  await blocker.query('BEGIN; LOCK TABLE mail.mailbox IN ACCESS EXCLUSIVE MODE');
  const open = clients.slice(0, 2);
  const answers = open.map((client, n) => client.command(`w${n} STATUS INBOX (MESSAGES)`));
  const waiting = 'imapd_pool_waiting{partition="users-a",member="a",role="read"}';
  await expect.poll(() => look(waiting)).toBeGreaterThan(0);
  const cutOff = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name LIKE 'imapd%' AND wait_event_type = 'Lock'`;
  // Who holds the only connection of the pool has not come to the lock yet, perhaps.
  await expect.poll(async () => (await a.sql(cutOff)).length).toBeGreaterThan(0);
  await expect.poll(() => look('imapd_retries_total{partition="users-a",kind="read"}')).toBeGreaterThan(0);
  await blocker.query('ROLLBACK');
  await blocker.end();
  for (const lines of await Promise.all(answers)) expect(lines.at(-1)).toMatch(/^w\d OK/);
});

test('a hold that ends with a writer at the next epoch; and no row of the table is without a figure', async () => {
  const [reader] = clients as [RawClient];
  await push(asynchronous(null, 2));
  const answer = reader.command('h STATUS INBOX (MESSAGES)');
  await expect.poll(() => look('imapd_holds{partition="users-a"}')).toBe(1);
  expect(await look('imapd_writer_reachable{partition="users-a"}')).toBe(0);
  await repository.stamp('a', 2);
  await push(asynchronous('a', 2));
  expect((await answer).at(-1)).toMatch(/^h OK/);
  expect(await look('imapd_hold_duration_seconds_count{partition="users-a",outcome="writer"}')).toBeGreaterThan(0);
  expect(await look('imapd_holds{partition="users-a"}')).toBe(0);
  expect(await look('imapd_epoch{partition="users-a"}')).toBe(2);
  const silent = Object.entries(metricTable).filter(
    ([name, { kind }]) => !((seen.get(kind === 'histogram' ? `${name}_count` : name) ?? 0) > 0),
  );
  expect(silent.map(([name]) => name)).toEqual([]);
});
