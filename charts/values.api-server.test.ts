import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { OPERATOR_LABELS } from '#crds/names/labels.ts';
import { OperatorConfiguration } from '#operator/configuration.ts';
import { CHART, configurationIn, Helm, RELEASE, type RenderedObject } from './test-support/helm.ts';
import { valueExamples } from './test-support/value-examples.ts';

/** Promise: values are checked by helm, end up where they should, and give a configuration that the operator takes. */
let helm: Helm;
beforeAll(async () => {
  helm = await Helm.open();
});
afterAll(() => helm?.[Symbol.asyncDispose]());

test('the chart is as helm wants charts', async () => {
  expect(await helm.run('lint', '--strict', CHART)).toContain('0 chart(s) failed');
});

test('packaged it is whole: nothing comes from outside of its folder', async () => {
  const folder = (await helm.run('env', 'HELM_CACHE_HOME')).trim();
  const said = await helm.run('package', CHART, '--destination', folder);
  const archive = said.trim().split(': ').at(-1) ?? '';
  expect(await helm.run('template', RELEASE.name, archive, '--namespace', RELEASE.namespace)).toBe(
    await helm.template({}),
  );
});

test.each([
  ['a misspelt name', { replicas: 2 }, 'replicas'],
  ['a misspelt name further down', { images: { operator: { tagg: '1' } } }, 'tagg'],
  ['text for a number', { replicaCount: '2' }, '/replicaCount'],
  ['a word that is none of the choice', { logLevel: 'verbose' }, '/logLevel'],
  ['a number in a label', { podLabels: { a: 1 } }, '/podLabels/a'],
  ['a digest that is none', { images: { imapd: { digest: 'sha256:12' } } }, '/images/imapd/digest'],
  ['a server that the agent does not know', { images: { postgres: { majorVersion: 14 } } }, 'majorVersion'],
  ['the same of another engine', { images: { mysql: { majorVersion: 7 } } }, 'majorVersion'],
  [
    'an image that may change by itself',
    { images: { postgres: { image: 'reg:5000/postgres' } } },
    '/images/postgres/image',
  ],
  ['a namespace twice', { watchNamespaces: ['a', 'a'] }, '/watchNamespaces'],
  ['an unknown budget', { tuning: { heartbeatTimeout: 3 } }, 'heartbeatTimeout'],
  ['a login test without a host', { loginTest: { credentialsSecretName: 'probe' } }, 'loginTest.host is needed'],
] as const)('refused: %s', async (_, values, named) => {
  await expect(helm.template(values)).rejects.toThrow(named);
});

test('a default can be taken away with null', async () => {
  const rendered = await helm.objects({ securityContext: null, resources: { limits: null }, tuning: null });
  const { spec } = find(rendered, 'Deployment') as unknown as Deployment;
  expect(spec.template.spec.containers[0]).not.toHaveProperty('securityContext');
  expect(spec.template.spec.containers[0]?.resources).toEqual({ requests: { cpu: '100m', memory: '192Mi' } });
});

test.each([
  ['NODE_OPTIONS', '--max-semi-space-size=4', '--use-openssl-ca'],
  ['MALLOC_ARENA_MAX', '1', '4'],
])('%s is there once: of whoever installs, or else of the chart', async (variable, ours, theirs) => {
  const options = async (values: object) => {
    const { spec } = find(await helm.objects(values), 'Deployment') as unknown as Deployment;
    return spec.template.spec.containers[0]?.env?.filter(({ name }) => name === variable).map(({ value }) => value);
  };
  expect(await options({})).toEqual([ours]);
  const extraEnv = [{ name: variable, value: theirs }];
  expect(await options({ extraEnv })).toEqual([theirs]);
});

test.each(valueExamples)('the operator takes the configuration of "$name"', async ({ values }) => {
  const configuration = configurationIn(await helm.objects(values));
  const complete = Value.Default(OperatorConfiguration, { ...configuration, identity: 'imapcluster-0' });
  expect([...Value.Errors(OperatorConfiguration, complete)]).toEqual([]);
});

test('network policies of clusters will let in the pods of this operator', async () => {
  const rendered = await helm.objects({ fullnameOverride: 'post' });
  const { pods } = configurationIn(rendered) as { pods: { operatorPeers: readonly Peer[] } };
  const { spec } = find(rendered, 'Deployment') as unknown as Deployment;
  const [peer] = pods.operatorPeers;
  expect(peer?.namespaceSelector.matchLabels).toEqual({ 'kubernetes.io/metadata.name': RELEASE.namespace });
  expect(spec.template.metadata.labels).toMatchObject(peer?.podSelector.matchLabels ?? {});
  expect(Object.keys(peer?.podSelector.matchLabels ?? {})).not.toHaveLength(0);
});

test('imapctl finds the pods of the operator by their label, whatever the release is called', async () => {
  const rendered = await helm.objects({ nameOverride: 'other', commonLabels: { 'app.kubernetes.io/name': 'mine' } });
  const { spec } = find(rendered, 'Deployment') as unknown as Deployment;
  expect(spec.template.metadata.labels).toMatchObject(OPERATOR_LABELS);
});

test('pods are replaced when their configuration changes, and only then', async () => {
  const checksum = async (values: object): Promise<string | undefined> => {
    const { spec } = find(await helm.objects(values), 'Deployment') as unknown as Deployment;
    return spec.template.metadata.annotations?.['checksum/configuration'];
  };
  const before = await checksum({});
  expect(await checksum({ replicaCount: 3 })).toBe(before);
  expect(await checksum({ keys: { rotationGraceSeconds: 1 } })).not.toBe(before);
});

test.each([true, false])('the definitions are those of crds/; kept by helm: %s', async (keep) => {
  const rendered = await helm.objects({ crds: { keep } });
  const definitions = rendered.filter(({ kind }) => kind === 'CustomResourceDefinition');
  expect(definitions.map(({ metadata }) => metadata.name).toSorted()).toEqual([
    'imapclusters.imapcluster.io',
    'mailboxpartitions.imapcluster.io',
  ]);
  for (const { metadata, spec } of definitions) {
    const [plural] = metadata.name.split('.');
    const file = join(import.meta.dirname, `../crds/generated/imapcluster.io_${plural}.yaml`);
    const committed = parse(await readFile(file, 'utf8')) as { spec: unknown };
    expect(spec).toEqual(committed.spec);
    expect(metadata.annotations?.['helm.sh/resource-policy']).toBe(keep ? 'keep' : undefined);
  }
});

test('a second installation has no object of the same name outside of namespaces', async () => {
  const wide = (rendered: readonly RenderedObject[]): readonly string[] =>
    rendered
      .filter(({ metadata }) => metadata.namespace === undefined)
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  const first = wide(await helm.objects({ crds: { enabled: false } }));
  const second = wide(await helm.objects({ crds: { enabled: false } }, '--namespace', 'other'));
  expect(first.length).toBeGreaterThan(0);
  expect(first.filter((name) => second.includes(name))).toEqual([]);
});

type Peer = Readonly<Record<'namespaceSelector' | 'podSelector', { matchLabels: Readonly<Record<string, string>> }>>;
type Deployment = {
  readonly spec: {
    readonly template: {
      readonly metadata: RenderedObject['metadata'];
      readonly spec: { readonly containers: readonly Container[] };
    };
  };
};

type Container = {
  readonly resources?: unknown;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
};

function find(rendered: readonly RenderedObject[], wanted: string): RenderedObject {
  const found = rendered.find(({ kind }) => kind === wanted);
  if (found === undefined) throw new Error(`no ${wanted}`);
  return found;
}
