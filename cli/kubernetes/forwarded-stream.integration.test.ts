import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, request } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StreamAgent } from '../connection/stream-agent.ts';
import { PortForwardingServer } from '../test-support/port-forwarding-server.ts';
import { ForwardPool } from './forward-pool.ts';
import { type KubernetesAccess, openKubernetes } from './kubernetes-access.ts';

let api: PortForwardingServer;
let access: KubernetesAccess;
const servers: Server[] = [];
const agents: StreamAgent[] = [];

beforeEach(async () => {
  api = await PortForwardingServer.start();
  const nothing = { context: null, namespace: null, cluster: null, operatorNamespace: null };
  access = await openKubernetes({ ...nothing, kubeconfig: api.kubeconfig });
});
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy();
  for (const server of servers.splice(0)) server.close();
  await api[Symbol.asyncDispose]();
});

async function listening(server: Server): Promise<number> {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const target = (pod: string) => ({ namespace: 'post', pod, port: 8080 });

function agentTo(...pods: readonly string[]): StreamAgent {
  const pool = new ForwardPool({ targets: async () => pods.map(target), open: access.forward });
  const agent = new StreamAgent(() => pool.open(), 4);
  agents.push(agent);
  return agent;
}

type Got = { readonly status: number; readonly body: Buffer };
async function ask(agent: StreamAgent, path: string, body?: Buffer): Promise<Got> {
  const { promise, resolve, reject } = Promise.withResolvers<Got>();
  const outgoing = request({ agent, path, method: body === undefined ? 'GET' : 'POST' }, (response) => {
    buffer(response).then((all) => resolve({ status: response.statusCode ?? 0, body: all }), reject);
  });
  outgoing.on('error', reject).end(body);
  return await promise;
}

test('many requests over a few connections, large ones both ways, octet for octet', async () => {
  const echo = createHttpServer(async (incoming, response) => response.end(await buffer(incoming)));
  api.pods.set('a', await listening(echo));
  const agent = agentTo('a');
  const bodies = [0, 1, 125, 126, 65_535, 65_536, 3_000_000].map((size) => randomBytes(size));
  for (let round = 0; round < 2; round += 1) {
    const answers = await Promise.all(bodies.map((body) => ask(agent, '/', body)));
    expect(answers.map(({ body }) => sha256(body))).toEqual(bodies.map(sha256));
  }
  expect(api.opened.length).toBeLessThanOrEqual(bodies.length);
  expect(api.opened.length).toBeGreaterThan(0);
});

test('whoever reads slowly is not flooded', async () => {
  let sent = 0;
  const piece = Buffer.alloc(64 * 1024);
  const endless = createServer((socket) => {
    const more = (): void => {
      for (let ok = true; ok; sent += piece.length) ok = socket.write(piece);
    };
    socket.on('drain', more).on('error', () => socket.destroy());
    more();
  });
  api.pods.set('a', await listening(endless));
  const stream = await access.forward(target('a'));
  // Until nothing moves any more, though nobody reads.
  await vi.waitFor(
    async () => {
      const before = sent;
      await pause(300);
      expect([before > 0, sent]).toEqual([true, before]);
    },
    { timeout: 8_000 },
  );
  const stuckAt = sent;
  expect(stream.readableLength).toBeLessThan(2 * 1024 * 1024);
  stream.on('data', () => undefined);
  await vi.waitFor(() => expect(sent).toBeGreaterThan(stuckAt + 10_000_000), { timeout: 8_000 });
  stream.destroy();
});

test('what the kubelet complains of is the error', async () => {
  const gone = createServer();
  api.pods.set('a', await listening(gone));
  gone.close();
  await expect(ask(agentTo('a'), '/')).rejects.toThrow(/error forwarding port 8080 to pod a: .*ECONNREFUSED/);
});

test('no right, no pod', async () => {
  api.pods.set('a', null);
  await expect(access.forward(target('a'))).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringContaining('kubectl auth can-i create pods/a --subresource=portforward -n post'),
  });
  await expect(access.forward(target('b'))).rejects.toMatchObject({
    exitCode: 4,
    message: 'no connection to the pod b: it is gone',
  });
});

test('one that is gone is passed over; one that goes away in the middle fails what waits for it, and no more', async () => {
  const silent = createServer(() => undefined);
  const answering = createHttpServer((_incoming, response) => response.end('here'));
  api.pods.set('b', await listening(silent));
  api.pods.set('c', await listening(answering));
  const agent = agentTo('gone', 'b', 'c');
  const waiting = ask(agent, '/');
  await vi.waitFor(() => expect(api.open.map(({ pod }) => pod)).toEqual(['b']));
  api.open[0]?.cut();
  await expect(waiting).rejects.toThrow();
  expect((await ask(agentTo('gone', 'c'), '/')).body.toString()).toBe('here');
});

test('a server that closes between two requests does not spoil the next', async () => {
  const closing = createHttpServer({ keepAliveTimeout: 50 }, (_incoming, response) => response.end('x'));
  closing.keepAliveTimeoutBuffer = 0;
  api.pods.set('a', await listening(closing));
  const agent = agentTo('a');
  expect((await ask(agent, '/')).status).toBe(200);
  await vi.waitFor(() => expect(api.open).toEqual([]), { timeout: 5_000 });
  expect((await ask(agent, '/')).status).toBe(200);
  expect(api.opened).toEqual(['a', 'a']);
});
