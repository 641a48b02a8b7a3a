import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runCommand } from '#e2e/clusters/process/run-command.ts';
import { ensurePrograms } from '#e2e/clusters/programs/ensure-programs.ts';
import { CHART, Helm } from './test-support/helm.ts';
import { writePublishedSchemas } from './test-support/published-schemas.ts';
import { valueExamples } from './test-support/value-examples.ts';

/**
 * Promise: by what Kubernetes has published of its kinds, the oldest version that is supported and the newest that is tested take all
 * that the chart and deploy/ render, and know every field of it. (Between the two nothing is taken away from kinds of version v1.)
 */
const OLDEST = 'v1.30.14';
/** Kinds of others, and our own: Kubernetes has published nothing of them. */
const FOREIGN = 'ServiceMonitor,PodMonitor,PrometheusRule,ImapCluster,MailboxPartition';

async function newest(): Promise<string> {
  const file = join(import.meta.dirname, '../e2e/clusters/programs/modules/kubernetes/go.mod');
  return /k8s\.io\/kubernetes (v\S+)/.exec(await readFile(file, 'utf8'))?.[1] ?? '';
}

let folder: string;
let helm: Helm;
let kubeconform: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-schemas-'));
  kubeconform = (await ensurePrograms(['kubeconform'])).path('kubeconform');
  helm = await Helm.open();
});
afterAll(async () => {
  await helm?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('the oldest version is the one that the chart asks for', async () => {
  const { kubeVersion } = parse(await readFile(join(CHART, 'Chart.yaml'), 'utf8')) as { kubeVersion: string };
  expect(kubeVersion).toMatch(new RegExp(`^>=${OLDEST.split('.').slice(0, 2).join('\\.').replace('v', '')}\\.`));
});

describe.each([OLDEST, await newest()])('Kubernetes %s', (version) => {
  beforeAll(async () => await writePublishedSchemas(version, join(folder, version)), 300_000);

  async function judge(rendered: string): Promise<void> {
    const location = join(folder, version, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
    const words = ['-strict', '-skip', FOREIGN, '-schema-location', location, '-'];
    await runCommand([kubeconform, ...words], { input: rendered });
  }

  test.each(valueExamples)('knows every field of "$name"', async ({ values }) => {
    await judge(await helm.template({ ...values, crds: { enabled: true } }));
  });

  test('knows every field of deploy/', async () => {
    const kubectl = (await ensurePrograms(['kubectl'])).path('kubectl');
    await judge(await runCommand([kubectl, 'kustomize', join(import.meta.dirname, '../deploy')]));
  });

  test('a field that it does not know, and a value of another type, are mistakes', async () => {
    const rendered = await helm.template({ crds: { enabled: false } });
    const unknown = rendered.replace('revisionHistoryLimit:', 'revisionHistoryLimits:');
    expect(unknown).not.toBe(rendered);
    await expect(judge(unknown)).rejects.toThrow();
    await expect(judge(rendered.replace(/replicas: \d+/, 'replicas: "two"'))).rejects.toThrow();
  });
});
