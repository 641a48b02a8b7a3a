import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { type ControlStatus, clusterPath } from '#contract/control-api.ts';
import type { RequestOutcome } from '../core.ts';
import type { ClusterControl } from './cluster-control.ts';
import { type ControlApiOptions, registerControlApi } from './control-api.ts';

const TOKEN = 'token-of-mail';
const MAIL = clusterPath('post', 'mail');
const status: ControlStatus = {
  objects: [{ kind: 'ImapCluster' }],
  members: [],
  waiting: {},
  operatorProblem: null,
  processes: [],
  endpoints: { imap: { host: 'mail-imap', port: 143 }, imaps: { host: 'mail-imap', port: 993 } },
};

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

type Asked = { readonly asked: unknown[] };

function controlWith(parts: Partial<ClusterControl> = {}, outcome?: RequestOutcome): ClusterControl & Asked {
  const asked: unknown[] = [];
  const answer = outcome ?? { ok: true, primary: 'users-a-1' as never, epoch: 3 };
  return {
    asked,
    adminToken: TOKEN,
    status: async () => status,
    pods: () => [],
    members: () => new Map([['users-a', ['users-a-0', 'users-a-1']]]),
    operator: () => ({
      requestSwitchover: async (...all) => {
        asked.push(all);
        return answer;
      },
      requestFailover: async (...all) => {
        asked.push(all);
        return answer;
      },
    }),
    ...parts,
  };
}

async function serve(control: ClusterControl, options?: ControlApiOptions): Promise<FastifyInstance> {
  const app = fastify({ logger: false });
  app.get('/healthz', async () => 'ok');
  registerControlApi(app, (namespace, name) => (namespace === 'post' && name === 'mail' ? control : null), options);
  await app.ready();
  opened.push(() => app.close());
  return app;
}

const headers = { authorization: `Bearer ${TOKEN}` };

test('status, with the token alone', async () => {
  const app = await serve(controlWith());
  const answer = await app.inject({ url: `${MAIL}/status`, headers });
  expect([answer.statusCode, answer.json()]).toEqual([200, status]);
  for (const authorization of ['', 'Bearer ', `Bearer ${TOKEN}x`, TOKEN, `Basic ${TOKEN}`]) {
    const refused = await app.inject({ url: `${MAIL}/status`, headers: { authorization } });
    expect([refused.statusCode, refused.json().code]).toEqual([401, 'Unauthorized']);
  }
});

test('another cluster is not there, and its neighbour’s token says nothing of it', async () => {
  const app = await serve(controlWith());
  for (const url of [`${clusterPath('post', 'other')}/status`, `${clusterPath('other', 'mail')}/status`]) {
    const answer = await app.inject({ url, headers });
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'NoSuchCluster']);
    expect((await app.inject({ url })).statusCode).toBe(401);
  }
});

test('whoever does not lead says who does', async () => {
  let pod: string | null = 'operator-b';
  const app = await serve(controlWith(), { ledBy: () => ({ pod }) });
  const named = await app.inject({ url: `${MAIL}/status`, headers });
  expect([named.statusCode, named.json().code]).toEqual([503, 'NotLeading']);
  expect(named.json().message).toContain('operator-b');
  pod = null;
  expect((await app.inject({ url: `${MAIL}/status`, headers })).json().message).toContain('no operator leads');
  // A stranger is not told.
  const stranger = await app.inject({ url: `${MAIL}/status` });
  expect([stranger.statusCode, stranger.json().code]).toEqual([401, 'Unauthorized']);
  // The rest of the port is not concerned.
  expect((await app.inject({ url: '/healthz' })).statusCode).toBe(200);
});

test('switchover and failover reach the operator', async () => {
  const control = controlWith();
  const app = await serve(control);
  const post = (action: string, payload: object) =>
    app.inject({ method: 'POST', url: `${MAIL}/partitions/users-a/${action}`, headers, payload });
  const done = await post('switchover', { to: 'users-a-1' });
  expect([done.statusCode, done.json()]).toEqual([200, { primary: 'users-a-1', epoch: 3 }]);
  await post('switchover', { to: null });
  await post('failover', { acceptDataLoss: true, reason: 'fire' });
  expect(control.asked).toEqual([
    ['users-a', 'users-a-1'],
    ['users-a'],
    ['users-a', { acceptDataLoss: true, reason: 'fire' }],
  ]);
});

test.each([
  {
    path: 'nowhere/switchover',
    payload: { to: null },
    says: [404, 'there is no partition nowhere; there are: users-a'],
  },
  {
    path: 'users-a/switchover',
    payload: { to: 'x' },
    says: [404, 'there is no member x; there are: users-a-0, users-a-1'],
  },
  { path: 'users-a/switchover', payload: {}, says: [400, 'malformed'] },
  { path: 'users-a/failover', payload: { acceptDataLoss: true }, says: [400, 'malformed'] },
  {
    path: 'users-a/failover',
    payload: { acceptDataLoss: true, reason: 'x'.repeat(501) },
    says: [400, 'malformed'],
  },
  { path: 'users-a/failover', payload: { reason: 'x'.repeat(20_000) }, says: [413, 'too large'] },
  { path: 'users-a/promote', payload: {}, says: [404, 'there is no POST'] },
] as const)('$path: $says', async ({ path, payload, says: [code, message] }) => {
  const control = controlWith();
  const app = await serve(control);
  const answer = await app.inject({ method: 'POST', url: `${MAIL}/partitions/${path}`, headers, payload });
  expect(answer.statusCode).toBe(code);
  expect(answer.json().message).toContain(message);
  expect(control.asked).toEqual([]);
});

test('what the operator refuses, and what fails in it', async () => {
  const refusal = { ok: false, code: 'FailoverBlocked', message: 'no replica is near enough' } as const;
  const refusing = await serve(controlWith({}, refusal));
  const request = {
    method: 'POST',
    url: `${MAIL}/partitions/users-a/switchover`,
    headers,
    payload: { to: null },
  } as const;
  const refused = await refusing.inject(request);
  expect([refused.statusCode, refused.json()]).toEqual([409, { code: refusal.code, message: refusal.message }]);
  const broken = await serve(controlWith({ status: async () => Promise.reject(new Error('boom')) }));
  const failed = await broken.inject({ url: `${MAIL}/status`, headers });
  expect([failed.statusCode, failed.json()]).toEqual([500, { code: 'Unexpected', message: 'boom' }]);
});

type Received = { readonly line: string; readonly authorization: string | undefined; readonly hash: string };

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A server in the place of an imapd's admin port, which shows what comes. */
async function imapd(): Promise<{ readonly url: string; readonly received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers: given } = request;
    received.push({
      line: `${method} ${url}`,
      authorization: given.authorization,
      hash: sha256(await buffer(request)),
    });
    response.writeHead(201, { 'content-type': 'application/json' }).end('{"uid":1}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(async () => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

test('requests about users stream to the imapd pods in turn, names encoded as they came', async () => {
  const [first, second] = [await imapd(), await imapd()];
  const pods = [first, second].map(({ url: adminUrl }, index) => ({ name: `imapd-${index}`, adminUrl }));
  const app = await serve(controlWith({ pods: () => pods }));
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const message = Buffer.alloc(3_000_000, 'mail');
  for (let turn = 0; turn < 2; turn += 1) {
    const answer = await fetch(`${address}${MAIL}/users/a%2Fb%40c/messages?mailbox=x%2Fy`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'message/rfc822' },
      body: message,
    });
    expect([answer.status, await answer.json()]).toEqual([201, { uid: 1 }]);
  }
  for (const { received } of [first, second]) {
    const line = 'POST /v1/users/a%2Fb%40c/messages?mailbox=x%2Fy';
    expect(received).toEqual([{ line, authorization: `Bearer ${TOKEN}`, hash: sha256(message) }]);
  }
});

test('no imapd, or one that is gone', async () => {
  const none = await serve(controlWith());
  const answer = await none.inject({ url: `${MAIL}/users`, headers });
  expect([answer.statusCode, answer.json()]).toEqual([503, { code: 'Unavailable', message: 'no imapd runs' }]);
  const gone = await serve(controlWith({ pods: () => [{ name: 'imapd-0', adminUrl: 'http://127.0.0.1:1' }] }));
  const refused = await gone.inject({ url: `${MAIL}/users`, headers });
  expect([refused.statusCode, refused.json().code]).toEqual([503, 'Unavailable']);
  expect(refused.json().message).toContain('imapd-0 does not answer');
});

test('without the token nothing reaches an imapd', async () => {
  const { url, received } = await imapd();
  const app = await serve(controlWith({ pods: () => [{ name: 'imapd-0', adminUrl: url }] }));
  expect((await app.inject({ url: `${MAIL}/users` })).statusCode).toBe(401);
  expect(received).toEqual([]);
});
