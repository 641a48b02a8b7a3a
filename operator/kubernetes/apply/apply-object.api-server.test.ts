import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '#e2e/clusters/local/api-server.ts';
import { isWrite, readAuditLog } from '#e2e/clusters/local/control-plane/audit-log.ts';
import type { ApiClient } from '../api/api-client.ts';
import { type ApiObject, configMaps, deployments, type Resource, secrets, services } from '../api/resource.ts';
import { connect } from '../test-support/connect.ts';
import { applyObject } from './apply-object.ts';
import { deleteObject } from './delete-object.ts';

let server: ApiServer;
let client: ApiClient;

beforeAll(async () => {
  server = await startApiServer();
  client = connect(server.kubeconfig);
});
afterAll(async () => await server.stop());

const { signal } = new AbortController();
const meta = (name: string) => ({ name, namespace: 'default', labels: { app: 'imapd' } });

async function reconcile<T extends ApiObject>(resource: Resource<T>, desired: T) {
  const live = await client.get(resource, desired.metadata);
  return await applyObject(client, { resource, desired, live, signal });
}

/** Requests that could have changed the object of this name. */
async function writesTo(name: string): Promise<number> {
  const log = await readAuditLog(server.auditLog);
  const patched = log.filter((event) => isWrite(event) && event.objectRef?.name === name);
  return patched.length;
}

const template = {
  metadata: { labels: { app: 'imapd' }, annotations: { 'example.org/routing': '7' } },
  spec: {
    serviceAccountName: 'imapd',
    volumes: [
      { name: 'scratch', emptyDir: {} },
      { name: 'routing', configMap: { name: 'routing' } },
    ],
    containers: [
      {
        name: 'imapd',
        image: 'imapd:1',
        args: ['--config', '/etc/imapd.json'],
        ports: [{ name: 'imap', containerPort: 143 }],
        env: [{ name: 'POD', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } }],
        resources: { requests: { cpu: '100m', memory: '128Mi' } },
        readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 2 },
        volumeMounts: [{ name: 'routing', mountPath: '/etc/routing' }],
        securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
};
const deployment = {
  metadata: { ...meta('quiet-deployment'), finalizers: ['imapcluster.io/test'] },
  spec: { replicas: 2, selector: { matchLabels: { app: 'imapd' } }, template },
};
const service = {
  metadata: meta('quiet-service'),
  spec: {
    selector: { app: 'imapd' },
    ports: [
      { name: 'imap', port: 143, targetPort: 'imap' },
      { name: 'imaps', port: 993, targetPort: 'imaps' },
    ],
  },
};

test('an object that is what it should be is not written, whatever the server filled in (I11)', async () => {
  expect(await reconcile(deployments, deployment)).toMatchObject({ wrote: true, because: null });
  expect(await reconcile(services, service)).toMatchObject({ wrote: true, because: null });
  const secret = { metadata: { name: 'quiet-secret', namespace: 'default' }, data: { key: 'dmFsdWU=' } };
  expect(await reconcile(secrets, secret)).toMatchObject({ wrote: true });
  for (let round = 0; round < 5; round += 1) {
    expect(await reconcile(deployments, deployment)).toMatchObject({ wrote: false });
    expect(await reconcile(services, service)).toMatchObject({ wrote: false });
    expect(await reconcile(secrets, secret)).toMatchObject({ wrote: false });
  }
  expect(await writesTo('quiet-deployment')).toBe(1);
  expect(await writesTo('quiet-service')).toBe(1);
  expect(await writesTo('quiet-secret')).toBe(1);
});

test('a changed value, a further field and one no longer wanted are each written once', async () => {
  const metadata = meta('changing');
  const step = async (data: Readonly<Record<string, string>>) => await reconcile(configMaps, { metadata, data });
  await step({ a: '1', b: '1' });
  expect(await step({ a: '2', b: '1' })).toMatchObject({ wrote: true, because: '.data.a' });
  expect(await step({ a: '2', b: '1', c: '1' })).toMatchObject({ wrote: true, because: '.data.c' });
  const removed = await step({ a: '2', c: '1' });
  expect(removed).toMatchObject({ wrote: true, because: '.data.b' });
  expect(removed.object.data).toEqual({ a: '2', c: '1' });
  expect(await step({ a: '2', c: '1' })).toMatchObject({ wrote: false });
});

test('what others add is theirs; what others change of ours is put right', async () => {
  const metadata = meta('shared');
  const desired = { metadata, data: { ours: '1' } };
  await reconcile(configMaps, desired);
  await client.apply(
    configMaps,
    { metadata: { name: 'shared', namespace: 'default' }, data: { theirs: '1' } },
    { manager: 'them' },
  );
  expect(await reconcile(configMaps, desired)).toMatchObject({ wrote: false });
  await client.apply(
    configMaps,
    { metadata: { name: 'shared', namespace: 'default' }, data: { ours: '9' } },
    { manager: 'them' },
  );
  const mended = await reconcile(configMaps, desired);
  expect(mended).toMatchObject({ wrote: true, object: { data: { ours: '1' } } });
});

test('only the very object that was seen is deleted', async () => {
  const metadata = meta('doomed');
  const { object: seen } = await reconcile(configMaps, { metadata, data: { a: '1' } });
  await reconcile(configMaps, { metadata, data: { a: '2' } });
  expect(await deleteObject(client, { resource: configMaps, seen, signal })).toBe('changed');
  const now = await client.get(configMaps, metadata);
  if (now === null) throw new Error('it should be there still');
  expect(await deleteObject(client, { resource: configMaps, seen: now, signal })).toBe('deleted');
  expect(await deleteObject(client, { resource: configMaps, seen: now, signal })).toBe('gone');
  expect(await client.get(configMaps, metadata)).toBeNull();
});
