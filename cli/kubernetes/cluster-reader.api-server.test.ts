import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { adminSecretName } from '#crds/names/admin-secret-name.ts';
import { type ApiServerWithCrds, startApiServerWithCrds } from '#crds/test-support/api-server-with-crds.ts';
import { manifestOf } from '#crds/test-support/manifest.ts';
import { clusterNames } from '#operator/cluster/cluster-names.ts';
import { LeaseStore } from '#operator/kubernetes/lease/lease-store.ts';
import { connect } from '#operator/kubernetes/test-support/connect.ts';
import { standardLabels } from '#operator/objects/labels.ts';
import { writeBundle } from '../bundle/write-bundle.ts';
import { ClusterReader } from './cluster-reader.ts';
import { collectEvidence } from './collect-evidence.ts';
import { openKubernetes } from './kubernetes-access.ts';
import type { KubernetesOptions } from './kubernetes-options.ts';
import { openPodLogs } from './pod-logs.ts';

// Whom a person means is found, whatever is missing is said in words, and no secret gets into a bundle.

const GUIDE = join(import.meta.dirname, '../../docs/guides/kubectl-imap.md');
const POST = '/api/v1/namespaces/post';
const PLANTED = 'hunter2-planted';

const labelsOf = (cluster: string) => standardLabels({ cluster, component: 'imapd' });

let api: ApiServerWithCrds;
let folder: string;

beforeAll(async () => {
  api = await startApiServerWithCrds();
  folder = await mkdtemp(join(tmpdir(), 'imapctl-'));
  for (const name of ['post', 'empty', 'operators', 'others'])
    await create('/api/v1/namespaces', { metadata: { name } });
  for (const name of ['mail', 'news']) await createCluster('post', name);
  await create(`${POST}/secrets`, {
    metadata: { name: 'mail-admin', labels: labelsOf('mail') },
    stringData: { token: PLANTED },
  });
  await createPod('post', 'mail-imapd-1', { labels: labelsOf('mail'), ready: true });
  await createPod('post', 'mail-imapd-2', { labels: labelsOf('mail'), ready: false });
  await createPod('post', 'news-imapd-1', { labels: labelsOf('news'), ready: false });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function create(path: string, body: object): Promise<void> {
  const answer = await api.ask(path, { method: 'POST', body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
}

async function createCluster(namespace: string, name: string): Promise<void> {
  await create(
    `/apis/imapcluster.io/v1alpha1/namespaces/${namespace}/imapclusters`,
    manifestOf('ImapCluster', { 'metadata.name': name }),
  );
}

type PodToCreate = { readonly labels: object; readonly ready: boolean };

async function createPod(namespace: string, name: string, { labels, ready }: PodToCreate): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const container = {
    name: 'imapd',
    image: 'imapd:1',
    ports: [{ name: 'admin', containerPort: 8081 }],
    env: [{ name: 'ADMIN_TOKEN', value: PLANTED }],
  };
  await create(path, { metadata: { name, labels }, spec: { containers: [container] } });
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  const answer = await api.ask(`${path}/${name}/status`, {
    method: 'PATCH',
    body: { status: { phase: 'Running', conditions } },
    contentType: 'application/merge-patch+json',
  });
  expect(answer.status).toBe(200);
}

const nothing = { context: null, namespace: 'post', cluster: 'mail', operatorNamespace: null };

async function open(options: Partial<KubernetesOptions> = {}): Promise<ClusterReader> {
  const all = { ...nothing, kubeconfig: api.server.kubeconfig, ...options };
  return await ClusterReader.open(await openKubernetes(all), all);
}

const refused = (exitCode: number, ...parts: readonly string[]) =>
  expect.objectContaining({
    exitCode,
    message: expect.stringMatching(new RegExp(parts.map((part) => part.replace(/[.()/]/g, '\\$&')).join('[\\s\\S]*'))),
  });

test('the cluster that is named, or the only one', async () => {
  expect((await open()).name).toBe('mail');
  await expect(open({ cluster: null })).rejects.toEqual(refused(2, 'name one by --cluster: mail, news'));
  await expect(open({ cluster: 'x' })).rejects.toEqual(refused(1, 'no ImapCluster x', 'there are: mail, news'));
  await expect(open({ namespace: 'empty' })).rejects.toEqual(refused(1, 'no ImapCluster in the namespace empty'));
  await createCluster('others', 'only');
  expect((await open({ namespace: 'others', cluster: null })).name).toBe('only');
});

test('its token; and no Secret yet', async () => {
  const mail = { metadata: { name: 'mail' } };
  expect(adminSecretName(mail)).toBe(clusterNames(mail).admin);
  expect(await (await open()).adminToken()).toBe(PLANTED);
  const news = await open({ cluster: 'news' });
  await expect(news.adminToken()).rejects.toEqual(refused(4, 'no Secret news-admin'));
  await create(`${POST}/secrets`, { metadata: { name: 'news-admin' }, stringData: { token: 'made-meanwhile' } });
  expect(await news.adminToken()).toBe('made-meanwhile');
});

test('imapd pods that are ready, or why none is', async () => {
  expect(await (await open()).imapdTargets()).toEqual([{ namespace: 'post', pod: 'mail-imapd-1', port: 8081 }]);
  const news = await open({ cluster: 'news' });
  await expect(news.imapdTargets()).rejects.toEqual(refused(4, 'news is ready (news-imapd-1: its health check'));
});

const lead = async (namespace: string, pod: string): Promise<LeaseStore> => {
  const identity = `${pod}_${Math.random().toString(36).slice(2)}`;
  const client = connect(api.server.kubeconfig);
  const now = (): number => Date.now();
  const store = new LeaseStore({ client, namespace, name: 'imapcluster-operator', identity, durationSeconds: 5, now });
  await store.read({ deadlineMs: 5_000 });
  await store.take({ deadlineMs: 5_000 });
  return store;
};

test('the operator that leads, by the Lease that operators write', async () => {
  const mail = await open();
  await expect(mail.leader()).rejects.toEqual(refused(1, 'no operator of imapcluster', '--operator-namespace'));
  const store = await lead('operators', 'operator-a');
  await expect(mail.leader()).rejects.toEqual(refused(4, 'operator-a in the namespace operators, is gone'));
  const labels = { 'app.kubernetes.io/name': 'imapcluster-operator' };
  await createPod('operators', 'operator-a', { labels, ready: false });
  await expect(mail.leader()).rejects.toEqual(refused(4, 'operator-a', 'is not ready: its health check'));
  await createPod('operators', 'operator-b', { labels, ready: true });
  await store.release({ deadlineMs: 5_000 });
  await expect(mail.leader()).rejects.toEqual(refused(4, 'no operator leads'));
  await lead('operators', 'operator-b');
  expect(await mail.leader()).toEqual({ namespace: 'operators', pod: 'operator-b', port: 8081 });
  await lead('others', 'operator-z');
  await expect(mail.leader()).rejects.toEqual(refused(2, 'several operators', 'operator-b in operators'));
  const named = await open({ operatorNamespace: 'operators' });
  expect((await named.leader()).pod).toBe('operator-b');
});

async function rolesOfGuide(): Promise<ReadonlyMap<string, object>> {
  const blocks = (await readFile(GUIDE, 'utf8')).matchAll(/```yaml\n([\s\S]*?)```/g);
  const roles = [...blocks].map(([, text = '']) => parse(text) as { readonly metadata: { readonly name: string } });
  return new Map(roles.map((role) => [role.metadata.name, role]));
}

async function grant(user: string, namespace: string, role: string): Promise<void> {
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const known = await api.ask(`${rbac}/roles/${role}`);
  if (known.status === 404) await create(`${rbac}/roles`, (await rolesOfGuide()).get(role) ?? {});
  await create(`${rbac}/rolebindings`, {
    metadata: { name: `${user}-${role}` },
    subjects: [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }],
    roleRef: { kind: 'Role', name: role, apiGroup: 'rbac.authorization.k8s.io' },
  });
}

test('each right that is missing is named; the Roles of the guide are enough', async () => {
  const kubeconfig = await api.server.kubeconfigFor({ name: 'ada' });
  const as = { kubeconfig, operatorNamespace: 'operators' };
  await expect(open(as)).rejects.toEqual(refused(1, 'can-i list imapclusters.imapcluster.io -n post', '"ada"'));

  await grant('ada', 'post', 'imap-viewer');
  const viewer = await open(as);
  expect((await viewer.pods()).map(({ metadata }) => metadata.name)).toEqual(['mail-imapd-1', 'mail-imapd-2']);
  expect(await viewer.partitions()).toEqual([]);
  await expect(viewer.adminToken()).rejects.toEqual(refused(1, 'can-i get secrets/mail-admin -n post'));
  await expect(viewer.leader()).rejects.toEqual(refused(1, 'can-i list leases.coordination.k8s.io -n operators'));
  const everywhere = await open({ kubeconfig });
  await expect(everywhere.leader()).rejects.toEqual(
    refused(1, 'leases.coordination.k8s.io --all-namespaces', 'or name'),
  );
  // No kubelet is there: the right is enough to get as far as to it.
  const request = { follow: false, sinceSeconds: null, tail: null, previous: false };
  const signal = AbortSignal.timeout(20_000);
  const [stream] = await openPodLogs(viewer, { ...request, selection: { kind: 'imapd' } }, signal);
  expect((await stream?.lines.toArray())?.join('')).not.toContain('can-i');

  await grant('ada', 'post', 'imap-admin');
  await grant('ada', 'operators', 'imap-operator-access');
  const admin = await open(as);
  expect(await admin.adminToken()).toBe(PLANTED);
  expect((await admin.leader()).pod).toBe('operator-b');
});

test('port-forward: without the right, and with it as far as there is a kubelet', async () => {
  const target = { namespace: 'post', pod: 'mail-imapd-1', port: 8081 };
  const kubeconfig = await api.server.kubeconfigFor({ name: 'bob' });
  const bob = await openKubernetes({ ...nothing, kubeconfig });
  await expect(bob.forward(target)).rejects.toEqual(
    refused(1, 'can-i create pods/mail-imapd-1 --subresource=portforward'),
  );
  await grant('bob', 'post', 'imap-admin');
  await expect(bob.forward(target)).rejects.toEqual(refused(4, 'no connection to the pod mail-imapd-1'));
});

test('an outage is told as one', async () => {
  const elsewhere = await readFile(api.server.kubeconfig, 'utf8');
  const file = join(folder, 'elsewhere');
  await writeFile(file, elsewhere.replace(api.server.endpoint, 'https://127.0.0.1:1'));
  await expect(open({ kubeconfig: file })).rejects.toEqual(
    refused(4, 'no answer from the API server at https://127.0.0.1:1'),
  );
  await expect(open({ kubeconfig: join(folder, 'none') })).rejects.toEqual(refused(2, 'cannot be read', 'ENOENT'));
});

test('a bundle holds what there is, and no secret', async () => {
  await create(`${POST}/secrets`, {
    metadata: { name: 'users-a-credentials', labels: standardLabels({ cluster: 'mail', component: 'database' }) },
    stringData: { mail: PLANTED },
  });
  await create(`${POST}/configmaps`, {
    metadata: { name: 'mail-routing', labels: labelsOf('mail') },
    data: { note: `postgres://imapcluster:${PLANTED}@users-a-0/imap` },
  });
  const mail = await open({ operatorNamespace: 'operators' });
  const file = join(folder, 'bundle.tar.gz');
  const files = await writeBundle(collectEvidence(mail), { file, folder: 'support', now: new Date() });
  const text = gunzipSync(await readFile(file)).toString('utf8');
  expect(files).toBeGreaterThan(15);
  expect(text).not.toContain(PLANTED);
  expect(text).not.toContain(Buffer.from(PLANTED).toString('base64'));
  for (const part of [
    'support/resources/imapclusters.yaml',
    'users-a-credentials',
    'mail-imapd-2',
    'operator-b',
    'mail-routing',
  ]) {
    expect(text).toContain(part);
  }
});
