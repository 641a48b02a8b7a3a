import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { runCommand } from '#e2e/clusters/process/run-command.ts';
import { ensurePrograms } from '#e2e/clusters/programs/ensure-programs.ts';
import { builtObjects } from '#operator/objects/test-support/built-objects.ts';
import { readChartMetadata } from './test-support/chart-metadata.ts';
import { Helm } from './test-support/helm.ts';
import { writePublishedSchemas } from './test-support/published-schemas.ts';
import { minorOf, supportedVersions } from './test-support/supported-versions.ts';
import { valueExamples } from './test-support/value-examples.ts';

/**
 * Promise: by what Kubernetes has published of its kinds, every version from the oldest that is supported to the newest that is tested takes
 * all that the chart and deploy/ render and all that the operator builds, and knows every field of it.
 */
/** Kinds of others, and our own: Kubernetes has published nothing of them. */
const FOREIGN = 'ServiceMonitor,PodMonitor,PrometheusRule,ImapCluster,MailboxPartition';
const versions = await supportedVersions();

let folder: string;
let helm: Helm;
let kubeconform: string;
let rendered: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imapcluster-schemas-'));
  const programs = await ensurePrograms(['kubeconform', 'kubectl']);
  kubeconform = programs.path('kubeconform');
  helm = await Helm.open();
  // In one text, for a look at one takes as long as at all; a complaint names the object.
  rendered = (await Promise.all([fromChart(), fromDeploy(programs.path('kubectl')), builtByOperator()])).join(
    '\n---\n',
  );
  await Promise.all(versions.map(async (version) => await writePublishedSchemas(version, join(folder, version))));
}, 600_000);
afterAll(async () => {
  await helm?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function fromChart(): Promise<string> {
  const texts = valueExamples.map(({ values }) => helm.template({ ...values, crds: { enabled: true } }));
  return (await Promise.all(texts)).join('\n---\n');
}

const fromDeploy = (kubectl: string): Promise<string> =>
  runCommand([kubectl, 'kustomize', join(import.meta.dirname, '../deploy')]);

const builtByOperator = (): string => builtObjects.map((object) => stringify(object)).join('---\n');

test('there is one version of each minor, from the one that the chart asks for', async () => {
  const { kubeVersion } = await readChartMetadata();
  const oldest = minorOf(kubeVersion);
  expect(versions.map(minorOf)).toEqual(versions.map((_, index) => oldest + index));
});

test('helm does not install on an older one', async () => {
  const on = (minor: number): Promise<string> => helm.template({}, '--kube-version', `v1.${minor}.0`);
  const [oldest = 0] = versions.map(minorOf);
  await expect(on(oldest)).resolves.toContain('kind: Deployment');
  await expect(on(oldest - 1)).rejects.toThrow('incompatible');
});

describe.each(versions)('Kubernetes %s', (version) => {
  async function judge(text: string): Promise<void> {
    const location = join(folder, version, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
    const words = ['-strict', '-skip', FOREIGN, '-schema-location', location, '-'];
    await runCommand([kubeconform, ...words], { input: text });
  }

  test('knows every field of all', async () => await judge(rendered));

  test.each([
    { what: 'a field that it does not know', from: 'revisionHistoryLimit:', to: 'revisionHistoryLimits:' },
    { what: 'a value of another type', from: /replicas: \d+/, to: 'replicas: "two"' },
  ])('$what is a mistake', async ({ from, to }) => {
    const wrong = rendered.replace(from, to);
    expect(wrong).not.toBe(rendered);
    await expect(judge(wrong)).rejects.toThrow();
  });
});
