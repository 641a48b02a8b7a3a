import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HeartbeatAnswer, PUSH_PATH, type RoutingBelief } from '#contract/push-api.ts';
import { type Appended, type MailboxList, type UserList, userPath, usersPath } from '#contract/users-api.ts';
import { createLogger } from '#runtime/logger.ts';
import { TestCluster } from './routing/test-support/test-cluster.ts';
import { TestRepository } from './routing/test-support/test-repository.ts';
import { RawClient } from './session/test-support/raw-client.ts';
import { json, startTestImapd, type TestImapd, TOKEN } from './test-support/test-imapd.ts';

const log = createLogger({ program: 'imapd', level: 'silent', pretty: false });
const message = 'From: ada@example.org\r\nSubject: First light\r\n\r\nFrom here on\r\n>From there\r\nend\r\n';
let repository: TestRepository;
let cluster: TestCluster;
let imapd: TestImapd;
let ask: TestImapd['ask'];

beforeAll(async () => {
  repository = await TestRepository.start({ members: ['a'] });
  cluster = await TestCluster.start(['users-a']);
  imapd = await startTestImapd(cluster, {
    log,
    targets: { 'users-a': repository.target('a', 1) },
    more: {
      sessions: { idleKeepAliveMs: 100, maxStrangersPerAddress: 2 },
      protocol: { message: 5_000_000 },
      mime: { depth: 2 },
    },
  });
  ask = imapd.ask;
});
afterAll(async () => {
  await imapd?.stop();
  await cluster?.close();
  await repository?.close();
});

/** One figure of the process, named with its labels; 0 where it is not there. */
const metric = async (name: string): Promise<number> => {
  const text = await (await ask('/metrics', { token: '' })).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ').at(-1) ?? 0);
};

const appendOnce = async (operation: string): Promise<Appended> => {
  const query = new URLSearchParams({ mailbox: 'INBOX', operation, internaldate: '2026-11-23T12:00:00Z' });
  query.append('flags', '\\Seen');
  query.append('flags', '$Work');
  const answer = await ask(`${userPath('ada@example.org', 'messages')}?${query}`, {
    method: 'POST',
    body: message,
    headers: { 'content-type': 'message/rfc822' },
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Appended;
};

test('a user is made, signs in over IMAP, and reads what was imported', async () => {
  expect((await ask(usersPath, json('POST', { name: 'Ada@Example.org', password: 'secret' }))).status).toBe(201);
  expect((await ask(usersPath, json('POST', { name: 'ada@example.org', password: 'other' }))).status).toBe(409);
  const { users, partitions } = (await (await ask(usersPath)).json()) as UserList;
  expect(users).toMatchObject([{ name: 'ada@example.org', partition: 'users-a' }]);
  // Also an operator asks, and takes the silence of an imapd that does not know a partition for no answer.
  expect(partitions).toEqual(['users-a']);

  const operation = randomUUID();
  const first = await appendOnce(operation);
  expect(first).toMatchObject({ uid: 1, repeated: false });
  expect(await appendOnce(operation)).toEqual({ ...first, repeated: true });

  const client = new ImapFlow({
    host: '127.0.0.1',
    port: imapd.imapPort,
    secure: false,
    auth: { user: 'ada@example.org', pass: 'secret' },
    logger: false,
  });
  await client.connect();
  await client.mailboxOpen('INBOX');
  const fetched = await client.fetchOne('1', { source: true, flags: true });
  if (fetched === false) throw new Error('nothing was fetched');
  expect(fetched.source?.toString()).toBe(message);
  expect([...(fetched.flags ?? [])]).toEqual(expect.arrayContaining(['\\Seen', '$Work']));
  await client.logout();
});

/** A multipart in a multipart. */
const NESTED = [
  'Content-Type: multipart/mixed; boundary=x',
  '',
  '--x',
  'Content-Type: multipart/alternative; boundary=y',
  '',
  '--y',
  '',
  'a',
  '--y--',
  '--x--',
  '',
].join('\r\n');

test('the bounds of the configuration hold: strangers, signs of life in IDLE, the size of a message, parts in parts', async () => {
  const user = await RawClient.greeted(imapd.imapPort);
  const greeting = await user.command('l LOGIN ada@example.org secret');
  expect(greeting.at(-1)).toContain('APPENDLIMIT=5000000');
  user.send(`n APPEND Drafts {${NESTED.length}+}\r\n${NESTED}\r\n`);
  expect((await user.readTagged('n')).at(-1)).toMatch(/^n OK/);
  await user.command('s EXAMINE Drafts');
  const [structure] = await user.command('f FETCH 1 BODY');
  expect(structure).toMatch(/"application" "octet-stream".* "mixed"/);
  expect(structure).not.toContain('"alternative"');
  user.send('i IDLE\r\n');
  expect([await user.readLine(), await user.readLine()]).toEqual(['+ idling', '* OK Still here']);
  const strangers = [await RawClient.connect(imapd.imapPort), await RawClient.connect(imapd.imapPort)];
  for (const stranger of strangers) expect(await stranger.readLine()).toMatch(/^\* OK/);
  const third = await RawClient.connect(imapd.imapPort);
  expect(await third.readToEnd()).toEqual([expect.stringMatching(/^\* BYE \[UNAVAILABLE\]/)]);
  for (const client of [user, ...strangers]) client.close();
});

test('mailboxes are listed, and a mailbox leaves as mboxrd', async () => {
  const { mailboxes } = (await (await ask(userPath('ada@example.org', 'mailboxes'))).json()) as MailboxList;
  expect(mailboxes.map(({ name }) => name)).toEqual(['Archive', 'Drafts', 'INBOX', 'Junk', 'Sent', 'Trash']);
  const mbox = await ask(`${userPath('ada@example.org', 'messages')}?mailbox=INBOX`);
  expect(await mbox.text()).toBe(
    'From MAILER-DAEMON Mon Nov 23 12:00:00 2026\nFrom: ada@example.org\nSubject: First light\n\n' +
      '>From here on\n>>From there\nend\n\n',
  );
});

test('a wrong password is refused, and a new one works at once', async () => {
  const signIn = async (pass: string): Promise<boolean> => {
    const port = imapd.imapPort;
    const auth = { user: 'ada@example.org', pass };
    const client = new ImapFlow({ host: '127.0.0.1', port, secure: false, auth, logger: false });
    try {
      await client.connect();
      await client.logout();
      return true;
    } catch {
      return false; // imapflow throws for a refused login, which is what is asked
    }
  };
  expect(await signIn('secret')).toBe(true);
  const before = await metric('imapd_login_failures_total');
  expect(await signIn('wrong')).toBe(false);
  expect((await metric('imapd_login_failures_total')) - before).toBe(1);
  const changed = await ask(userPath('ada@example.org', 'password'), json('PUT', { password: 'newer' }));
  expect(changed.status).toBe(204);
  expect(await signIn('secret')).toBe(false);
  expect(await signIn('newer')).toBe(true);
});

test('what is wrong with a request is said', async () => {
  expect((await ask(usersPath, { token: 'guess' })).status).toBe(401);
  expect((await ask(PUSH_PATH, { token: 'guess' })).status).toBe(401);
  const unknown = await ask(userPath('nobody', 'mailboxes'));
  expect([unknown.status, await unknown.json()]).toEqual([
    404,
    { code: 'NoSuchUser', message: 'there is no user nobody' },
  ]);
  const shapeless = await ask(usersPath, json('POST', { name: 'x', pass: 'y' }));
  expect(shapeless.status).toBe(400);
  expect(await shapeless.json()).toMatchObject({ code: 'BadRequest', message: expect.stringContaining('password') });
  const gone = await ask(`${userPath('ada@example.org', 'messages')}?mailbox=Nowhere`);
  expect(await gone.json()).toMatchObject({ code: 'NoSuchMailbox' });
});

test('a push is taken, the same again too, an old one is stale, a foreign one refused', async () => {
  const target = { 'users-a': repository.target('a', 1) };
  const put = async (document: string): Promise<number> => (await ask(PUSH_PATH, json('PUT', { document }))).status;
  const next = await cluster.document(target);
  expect(await put(next)).toBe(200);
  expect(await put(next)).toBe(200);
  expect(await put(await cluster.document(target, 1))).toBe(409);
  const stranger = await TestCluster.start([]);
  expect(await put(await stranger.document(target, 99))).toBe(422);
  await stranger.close();
  const belief = (await (await ask(PUSH_PATH)).json()) as RoutingBelief;
  expect(belief).toMatchObject({ pod: 'imapd-0', repositories: { 'users-a': { epoch: 1, writerReachable: true } } });
});

test('a heartbeat grants a lease only to whom it has heard of', async () => {
  const asynchronous = repository.target('a', 1, { durability: 'Async', leaseSeconds: 30 });
  await ask(PUSH_PATH, json('PUT', { document: await cluster.document({ 'users-a': asynchronous }) }));
  const beat = async (echo: string | null, pod = 'imapd-0'): Promise<HeartbeatAnswer> => {
    const heartbeat = await cluster.heartbeat({ pod, echo, leases: { 'users-a': { epoch: 1, seconds: 30 } } });
    return (await imapd.beat(heartbeat)) as HeartbeatAnswer;
  };
  const lease = (answer: HeartbeatAnswer) => answer.repositories['users-a']?.leaseRemainingMs;
  const first = await beat(null);
  expect(lease(first)).toBe(0);
  // Among what is for others, too, and only where it is said to be for this one.
  const among = async (echo: string, leased: boolean): Promise<HeartbeatAnswer> => {
    const pods = { 'imapd-0': { sequence: 1, echo, leased }, 'imapd-9': { sequence: 1, echo: null, leased: true } };
    const heartbeats = await cluster.heartbeats({ pods, leases: { 'users-a': { epoch: 1, seconds: 15 } }, full: [] });
    return (await imapd.beat(heartbeats)) as HeartbeatAnswer;
  };
  const notLeased = await among(first.nonce, false);
  expect(lease(notLeased)).toBe(0);
  const shorter = await among(notLeased.nonce, true);
  expect(lease(shorter)).toBeGreaterThan(5_000);
  expect(lease(shorter)).toBeLessThan(20_000);
  const second = await beat(shorter.nonce);
  expect(lease(second)).toBeGreaterThan(20_000);
  expect(await beat(second.nonce, 'imapd-9')).toMatchObject({ code: 'WrongPod' });
  await ask(PUSH_PATH, json('PUT', { document: await cluster.document({ 'users-a': repository.target('a', 1) }) }));
  expect(lease(await beat(second.nonce))).toBeNull();
});

test('health asks for nothing; metrics know the repository', async () => {
  expect((await ask('/healthz', { token: '' })).status).toBe(200);
  expect((await ask('/readyz', { token: '' })).status).toBe(200);
  const text = await (await ask('/metrics', { token: '' })).text();
  expect(text).toContain('imapd_epoch{partition="users-a"} 1');
  expect(text).toMatch(/imapd_command_duration_seconds_count\{command="SELECT",result="OK"\} \d/);
  expect(text).toContain('imapd_sessions_opened_total');
});

const toArchive = (): string =>
  `${userPath('ada@example.org', 'messages')}?${new URLSearchParams({ mailbox: 'Archive', operation: randomUUID() })}`;
const archived = async (): Promise<number> => {
  const { mailboxes } = (await (await ask(userPath('ada@example.org', 'mailboxes'))).json()) as MailboxList;
  return mailboxes.find(({ name }) => name === 'Archive')?.messages ?? -1;
};

test('a large message is streamed in and out; no message at all is refused', async () => {
  const line = 'Every line of it the same, and there are very many of them.\r\n';
  const body = `Subject: large\r\n\r\n${line.repeat(50_000)}`;
  const path = toArchive;
  expect((await ask(path(), { method: 'POST', body, headers: { 'content-type': 'text/plain' } })).status).toBe(200);
  const mbox = await (await ask(`${userPath('ada@example.org', 'messages')}?mailbox=Archive`)).text();
  expect(mbox.split('\n').slice(1, -1).join('\n')).toBe(body.replaceAll('\r\n', '\n'));
  const empty = await ask(path(), { method: 'POST', headers: { 'content-type': 'message/rfc822' } });
  expect(empty.status).toBe(400);
});

test('a message that is too large is refused: by what it announces, before any of it; else once it is', async () => {
  const before = await archived();
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'message/rfc822', 'content-length': '5000001' };
  const announced = request({ host: '127.0.0.1', port: imapd.adminPort, path: toArchive(), method: 'POST', headers });
  // The head alone: not an octet of the message follows.
  announced.flushHeaders();
  const [refused] = (await once(announced, 'response')) as [IncomingMessage];
  expect(refused.statusCode).toBe(413);
  announced.destroy();
  const line = Buffer.from('Every line of it the same, and there are very many of them.\r\n'.repeat(1_000));
  let sent = 0;
  const unannounced = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += line.length;
      controller.enqueue(line);
      if (sent > 5_100_000) controller.close();
    },
  });
  const chunked = await ask(toArchive(), {
    method: 'POST',
    body: unannounced,
    duplex: 'half',
    headers: { 'content-type': 'message/rfc822' },
  } as RequestInit);
  expect([chunked.status, await chunked.json()]).toEqual([
    413,
    { code: 'MessageTooBig', message: 'a message has at most 5000000 octets' },
  ]);
  expect(await archived()).toBe(before);
});

test('another process that changed a password makes this one forget it', async () => {
  const forgotten = json('POST', { users: ['ada@example.org'] });
  expect((await ask('/v1/forgotten-logins', forgotten)).status).toBe(204);
  expect((await ask('/v1/forgotten-logins', { ...forgotten, token: 'guess' })).status).toBe(401);
});

test('a removed user is gone', async () => {
  expect((await ask(userPath('ada@example.org'), { method: 'DELETE' })).status).toBe(204);
  expect((await ask(userPath('ada@example.org'), { method: 'DELETE' })).status).toBe(404);
});
