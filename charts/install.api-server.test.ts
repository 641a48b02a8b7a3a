import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ApiClient, apiClient } from '#crds/test-support/api-client.ts';
import { type ApiServer, startApiServer } from '#e2e/clusters/local/api-server.ts';
import { runCommand } from '#e2e/clusters/process/run-command.ts';
import { ensurePrograms } from '#e2e/clusters/programs/ensure-programs.ts';
import { podOf } from '#operator/objects/test-support/pod-of.ts';
import { monitoringDefinition } from '#operator/test-support/monitoring-kinds.ts';
import { applyTo } from './test-support/apply-to.ts';
import { ArtifactHubAnnotations } from './test-support/artifact-hub.ts';
import { forArtifactHub, readChartMetadata } from './test-support/chart-metadata.ts';
import { CHART, FULL_NAME, Helm, objectsIn, RELEASE, type RenderedObject } from './test-support/helm.ts';
import { valueExamples } from './test-support/value-examples.ts';

/**
 * Promise: a real API server takes all that the chart and deploy/ render, those for the Prometheus operator and the pods that come of it too, without a word of warning, in
 * namespaces that enforce the restricted Pod Security Standard; and helm itself installs, upgrades and removes the chart and leaves the definitions.
 * (A server knows more than the published schemas; those of other versions: published-schemas.)
 */
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const SERVED = { timeout: 20_000, interval: 50 };
let server: ApiServer;
let ask: ApiClient;
let helm: Helm;

beforeAll(async () => {
  [server, helm] = await Promise.all([startApiServer(), Helm.open()]);
  ask = await apiClient(server.kubeconfig);
  for (const name of [RELEASE.namespace, 'mail', 'post', 'stage']) await makeNamespace(name);
  await makeMonitoringKinds();
  await install('install', RELEASE.name);
});
afterAll(async () => {
  await server?.stop();
  await helm?.[Symbol.asyncDispose]();
});

async function makeNamespace(name: string): Promise<void> {
  const standard = (mode: string) => [`pod-security.kubernetes.io/${mode}`, 'restricted'] as const;
  const labels = Object.fromEntries(['enforce', 'warn'].map(standard));
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  expect(await ask('/api/v1/namespaces', { method: 'POST', body })).toMatchObject({ status: 201 });
}

const install = (verb: 'install' | 'upgrade', name: string, ...more: readonly string[]): Promise<string> =>
  helm.run(verb, name, CHART, '--namespace', RELEASE.namespace, '--kubeconfig', server.kubeconfig, ...more);

/** As the Prometheus operator brings them. */
async function makeMonitoringKinds(): Promise<void> {
  for (const plural of ['podmonitors', 'servicemonitors', 'prometheusrules'] as const) {
    const body = await monitoringDefinition(plural);
    expect(await ask(DEFINITIONS, { method: 'POST', body })).toMatchObject({ status: 201 });
    // Some time passes before it is served.
    await vi.waitFor(async () => {
      expect(await ask(`/apis/monitoring.coreos.com/v1/${plural}`)).toMatchObject({ status: 200 });
    }, SERVED);
  }
}

/** Those that come of Deployments: it is they that a namespace admits or not. */
const podsOf = (objects: readonly RenderedObject[]): readonly RenderedObject[] =>
  objects.flatMap((object) => podOf(object) ?? []).map((pod) => pod as RenderedObject);

test.each(valueExamples)('every object of "$name"', async ({ values }) => {
  const objects = await helm.objects({ ...values, crds: { enabled: true } });
  expect(objects.length).toBeGreaterThan(3);
  const pods = podsOf(objects);
  expect(pods.length).toBeGreaterThan(0);
  const rendered = [...objects, ...pods];
  for (const object of rendered) {
    // What extraObjects holds names no namespace; helm puts it into that of the release.
    const placed = { ...object, metadata: { namespace: RELEASE.namespace, ...object.metadata } };
    const answer = await applyTo(ask, placed);
    expect([200, 201], `${object.kind} ${object.metadata.name}: ${JSON.stringify(answer.body)}`).toContain(
      answer.status,
    );
    expect(answer.warnings, `${object.kind} ${object.metadata.name}`).toEqual([]);
  }
});

test('every object of deploy/, as kubectl renders it', async () => {
  const kubectl = (await ensurePrograms(['kubectl'])).path('kubectl');
  const rendered = objectsIn(await runCommand([kubectl, 'kustomize', join(import.meta.dirname, '../deploy')]));
  const names = rendered.map(({ kind }) => kind);
  expect(names).toEqual(expect.arrayContaining(['Namespace', 'CustomResourceDefinition', 'Deployment', 'ClusterRole']));
  for (const object of [...rendered, ...podsOf(rendered)]) {
    const answer = await applyTo(ask, object);
    expect([200, 201], JSON.stringify(answer.body)).toContain(answer.status);
    expect(answer.warnings).toEqual([]);
  }
});

test('every object of the example', async () => {
  const example = objectsIn(await readFile(join(CHART, 'examples/mail.yaml'), 'utf8'));
  expect(example.map(({ kind }) => kind)).toEqual(['ImapCluster', 'MailboxPartition', 'MailboxPartition']);
  for (const object of example) {
    const answer = await applyTo(ask, { ...object, metadata: { ...object.metadata, namespace: 'mail' } });
    expect(answer).toMatchObject({ status: 201, warnings: [] });
  }
});

test('the examples that Artifact Hub shows', async () => {
  const { crdsExamples } = Value.Parse(ArtifactHubAnnotations, forArtifactHub(await readChartMetadata()));
  for (const object of crdsExamples ?? []) {
    const answer = await applyTo(ask, { ...object, metadata: { ...object.metadata, namespace: 'stage' } });
    expect(answer).toMatchObject({ status: 201, warnings: [] });
  }
});

test('the notes name the commands that come next', async () => {
  const notes = await install('upgrade', RELEASE.name);
  expect(notes).toContain('kubectl create namespace mail');
  expect(notes.match(/^ {2}\d\. /gm)).toHaveLength(3);
});

test('an upgrade brings definitions up to date that somebody has spoilt', async () => {
  const path = `${DEFINITIONS}/imapclusters.imapcluster.io`;
  const patch = [{ op: 'remove', path: '/spec/names/shortNames' }];
  await ask(path, { method: 'PATCH', contentType: 'application/json-patch+json', body: patch });
  await install('upgrade', RELEASE.name, '--set', 'commonLabels.a=b');
  expect(await ask(path)).toMatchObject({ body: { spec: { names: { shortNames: ['imc'] } } } });
});

test('a second installation leaves the definitions to the first', async () => {
  const where = ['--namespace', 'stage', '--kubeconfig', server.kubeconfig];
  await helm.run('install', 'second', CHART, ...where, '--set', 'crds.enabled=false,watchNamespaces={post}');
  await helm.run('uninstall', 'second', ...where);
});

test('removed, it leaves the definitions and every cluster; installed again it takes them on', async () => {
  const [cluster] = objectsIn(await readFile(join(CHART, 'examples/mail.yaml'), 'utf8'));
  if (cluster === undefined) throw new Error('no example');
  await applyTo(ask, { ...cluster, metadata: { ...cluster.metadata, namespace: 'mail' } }, true);
  await helm.run('uninstall', RELEASE.name, '--namespace', RELEASE.namespace, '--kubeconfig', server.kubeconfig);
  const deployment = `/apis/apps/v1/namespaces/${RELEASE.namespace}/deployments/${FULL_NAME}`;
  expect(await ask(deployment)).toMatchObject({ status: 404 });
  const path = '/apis/imapcluster.io/v1alpha1/namespaces/mail/imapclusters/mail';
  expect(await ask(path)).toMatchObject({ status: 200, body: { metadata: { name: 'mail' } } });
  await install('install', RELEASE.name);
  expect(await ask(deployment)).toMatchObject({ status: 200 });
});
