import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ImportCounts, runImport } from '../import/run-import.ts';
import type { SourceItem } from '../import/source-message.ts';
import { PortForwardingServer } from '../test-support/port-forwarding-server.ts';
import { KubernetesConnection } from './kubernetes-connection.ts';

// Over port-forwards to servers that stand in for an operator and for imapd: whoever goes away is replaced by the next.

const POST = '/api/v1/namespaces/post';
const TOKEN = 'token-of-mail';
const ready = { conditions: [{ type: 'Ready', status: 'True' }] };

let api: PortForwardingServer;
let connection: KubernetesConnection;
const servers: Server[] = [];

beforeEach(async () => {
  api = await PortForwardingServer.start();
  const cluster = { metadata: { name: 'mail', namespace: 'post' }, spec: {} };
  answer('/apis/imapcluster.io/v1alpha1/namespaces/post/imapclusters', { items: [cluster] });
  answer('/apis/imapcluster.io/v1alpha1/namespaces/post/imapclusters/mail', cluster);
  answer('/apis/imapcluster.io/v1alpha1/namespaces/post/mailboxpartitions', { items: [] });
  answer(`${POST}/secrets/mail-admin`, { data: { token: Buffer.from(TOKEN).toString('base64') } });
  answer(`${POST}/pods`, { items: [] });
  connection = await KubernetesConnection.open({
    kubeconfig: api.kubeconfig,
    context: null,
    namespace: null,
    cluster: null,
    operatorNamespace: null,
  });
});
afterEach(async () => {
  connection.close();
  for (const server of servers.splice(0)) server.close();
  await api[Symbol.asyncDispose]();
});

const answer = (path: string, body: unknown): void => void api.answers.set(path, { status: 200, body });

/** A pod, and the server behind its port. */
async function run(pod: string, handle: RequestListener): Promise<object> {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  api.pods.set(pod, (server.address() as AddressInfo).port);
  return { metadata: { name: pod, labels: { 'app.kubernetes.io/component': 'imapd' } }, status: ready };
}

function lead(pod: string): void {
  const lease = { metadata: { name: 'operator', namespace: 'operators' }, spec: { holderIdentity: `${pod}_x1` } };
  answer('/apis/coordination.k8s.io/v1/leases', { items: [lease] });
  answer(`/api/v1/namespaces/operators/pods/${pod}`, {
    metadata: { name: pod, namespace: 'operators' },
    status: ready,
  });
}

const json =
  (status: number, body: object): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

test('a switchover reaches the leader, by path and token; one that leads no more sends to its successor', async () => {
  const asked: string[] = [];
  await run('operator-a', (request, response) => {
    lead('operator-b');
    json(503, { code: 'NotLeading', message: 'operator-b leads' })(request, response);
  });
  let starting = true;
  await run('operator-b', (request, response) => {
    if (starting) {
      starting = false;
      json(404, { code: 'NoSuchCluster', message: 'not yet' })(request, response);
      return;
    }
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    json(200, { primary: 'users-a-1', epoch: 3 })(request, response);
  });
  lead('operator-a');
  expect(await connection.switchover('users-a', null)).toEqual({ primary: 'users-a-1', epoch: 3 });
  expect(asked).toEqual([`POST /v1/clusters/post/mail/partitions/users-a/switchover Bearer ${TOKEN}`]);
  expect(api.opened).toEqual(['operator-a', 'operator-b', 'operator-b']);
});

test('a refusal is told as it is; a lost connection says that it may be done', async () => {
  await run('operator-a', json(409, { code: 'FailoverBlocked', message: 'no replica is near enough' }));
  lead('operator-a');
  const refused = connection.failover('users-a', { acceptDataLoss: false, reason: 'x' });
  await expect(refused).rejects.toMatchObject({ exitCode: 1, message: 'no replica is near enough' });
  await run('operator-c', (request) => request.socket.destroy());
  lead('operator-c');
  connection.close();
  const lost = connection.failover('users-a', { acceptDataLoss: false, reason: 'x' });
  await expect(lost).rejects.toMatchObject({ exitCode: 4, message: expect.stringContaining('may be done') });
});

test('status without an operator is what the API server remembers', async () => {
  answer('/apis/coordination.k8s.io/v1/leases', { items: [] });
  answer(`${POST}/pods`, { items: [await run('mail-imapd-1', json(200, {}))] });
  const status = await connection.status();
  expect(status.operatorProblem).toContain('there is no operator');
  expect(status.objects).toMatchObject([{ metadata: { name: 'mail' } }]);
  expect(status.pods).toMatchObject([{ name: 'mail-imapd-1', ready: true }]);
  expect(status.endpoints.imap).toEqual({ host: 'mail-imap.post.svc', port: 143 });
});

/** Stands in for imapd: stores by operation, as the real one does; `dies` cuts a connection after storing. */
function imapd(stored: Map<string, string>, dies: () => boolean): RequestListener {
  return async (request, response) => {
    const url = new URL(request.url ?? '', 'http://imapd');
    const body = (await buffer(request)).toString();
    if (url.pathname.endsWith('/mailboxes')) {
      json(200, { mailboxes: [] })(request, response);
      return;
    }
    const operation = url.searchParams.get('operation') ?? '';
    const repeated = stored.has(operation);
    stored.set(operation, body);
    if (dies()) request.socket.destroy();
    else json(200, { uid: stored.size, uidValidity: 1, repeated })(request, response);
  };
}

async function* messages(count: number): AsyncGenerator<SourceItem> {
  for (let index = 0; index < count; index += 1) {
    const bytes = Buffer.from(`Subject: ${index}\r\n\r\nHello\r\n`);
    const rest = { flags: [], internalDate: null, place: `${index}`, sourceBytes: bytes.length };
    yield { kind: 'message', mailbox: 'INBOX', bytes, ...rest };
  }
}

test('who may store no more is told once how to go on: what is behind is not tried', async () => {
  let appends = 0;
  const pod = await run('mail-imapd-1', (request, response) => {
    request.resume();
    if (request.url?.includes('/messages') === true) appends += 1;
    else return json(200, { mailboxes: [] })(request, response);
    json(413, { code: 'OverQuota', message: 'ada may store no more; make room' })(request, response);
  });
  answer(`${POST}/pods`, { items: [pod] });
  const importing = runImport({
    ...{ connection, source: { items: () => messages(50), totalBytes: 0 }, user: 'ada', parallel: 1 },
    ...{ signal: new AbortController().signal, onProgress: () => undefined },
  });
  await expect(importing).rejects.toThrow(/may store no more; make room; then run the same import again/);
  expect(appends).toBe(1);
});

test('an import outlasts the pods that it goes through, and stores nothing twice', { timeout: 30_000 }, async () => {
  const stored = new Map<string, string>();
  let appends = 0;
  const first = await run(
    'mail-imapd-1',
    imapd(stored, () => {
      appends += 1;
      return appends > 10;
    }),
  );
  const second = await run(
    'mail-imapd-2',
    imapd(stored, () => false),
  );
  answer(`${POST}/pods`, { items: [first, second] });
  const counts: ImportCounts = await runImport({
    connection,
    source: { totalBytes: 0, items: () => messages(60) },
    user: 'ada',
    parallel: 4,
    signal: new AbortController().signal,
    onProgress: () => {
      // From the tenth message on each that goes to the first pod is stored, and its answer lost; then the pod is gone.
      if (appends > 10) answer(`${POST}/pods`, { items: [second] });
    },
  });
  expect(counts.failures).toEqual([]);
  expect(counts.stored + counts.repeated).toBe(60);
  expect(counts.repeated).toBeGreaterThan(0);
  expect(stored.size).toBe(60);
  expect(new Set(api.opened)).toEqual(new Set(['mail-imapd-1', 'mail-imapd-2']));
});

test('a right that is missing ends an import at once', async () => {
  answer(`${POST}/pods`, { items: [await run('mail-imapd-1', json(200, {}))] });
  api.pods.set('mail-imapd-1', null);
  const append = connection.append({
    user: 'ada',
    mailbox: 'INBOX',
    operation: 'x',
    internalDate: null,
    flags: [],
    bytes: Buffer.from('x'),
  });
  await expect(append).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining('you lack a right') });
});
