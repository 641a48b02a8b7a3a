import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Kind, kinds } from './kind.ts';
import { type ApiServerWithCrds, definitionPath, startApiServerWithCrds } from './test-support/api-server-with-crds.ts';
import { type Manifest, manifestOf } from './test-support/manifest.ts';
import type { Patch, RuleExamples } from './test-support/rule-examples.ts';
import { fullStatus } from './test-support/status-examples.ts';

/** What the API server makes of our kinds besides the rules: defaults, tables, subresources, merging. */
type Fields = Readonly<Record<string, unknown>>;
type Stored = { readonly metadata: Fields; readonly spec: Fields; readonly status?: Fields };

let server: ApiServerWithCrds | undefined;
beforeAll(async () => {
  server = await startApiServerWithCrds();
});
afterAll(() => server?.[Symbol.asyncDispose]());

const ask: ApiServerWithCrds['ask'] = (...question) => server!.ask(...question);
const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';
const kindOf = (name: RuleExamples['kind']): Kind => kinds.find(({ kind }) => kind === name)!;
const collectionOf = (name: RuleExamples['kind']): string =>
  `/apis/imapcluster.io/v1alpha1/namespaces/default/${kindOf(name).plural}`;

async function stored(manifest: Manifest): Promise<string> {
  const { status, body } = await ask(collectionOf(manifest.kind), { method: 'POST', body: manifest });
  expect([status, body]).toEqual([201, expect.anything()]);
  return `${collectionOf(manifest.kind)}/${manifest.metadata.name}`;
}

const read = async (path: string): Promise<Stored> => (await ask(path)).body as Stored;

/** Whole, as the operator writes it: a merge patch would take a null for the wish to remove the field. */
async function writeStatus(path: string, name: RuleExamples['kind'], further: object = {}): Promise<void> {
  const object = { ...(await read(path)), status: fullStatus[name], ...further };
  const { status, body } = await ask(`${path}/status?fieldValidation=Strict`, { method: 'PUT', body: object });
  expect([status, body]).toEqual([200, expect.objectContaining({ status: fullStatus[name] })]);
}

describe.each(kinds)('$kind', (kind) => {
  const name = kind.kind as RuleExamples['kind'];

  test('is taken without a warning, as structural, under all its names', async () => {
    for (const answer of server!.answers) expect(answer.warnings).toEqual([]);
    const { body } = await ask(definitionPath(kind));
    const { conditions } = (body as { status: { conditions: { type: string; status: string }[] } }).status;
    const held = Object.fromEntries(conditions.map(({ type, status }) => [type, status]));
    expect(held).toMatchObject({ Established: 'True', NamesAccepted: 'True' });
    expect(held).not.toHaveProperty('NonStructuralSchema');
    const { resources } = (await ask('/apis/imapcluster.io/v1alpha1')).body as { resources: Fields[] };
    const { plural, shortName } = kind;
    const singularName = kind.kind.toLowerCase();
    expect(resources.find((resource) => resource.name === plural)).toMatchObject({
      kind: kind.kind,
      singularName,
      shortNames: [shortName],
      categories: ['imap'],
      namespaced: true,
    });
    expect(resources.map((resource) => resource.name)).toContain(`${plural}/status`);
    expect(resources.map((resource) => resource.name).includes(`${plural}/scale`)).toBe(kind.scale !== undefined);
  });

  test('unknown fields: a mistake where checking is strict, dropped otherwise', async () => {
    const manifest = manifestOf(name, { 'spec.replica': 3 });
    const post = { method: 'POST', body: manifest } as const;
    const strict = await ask(`${collectionOf(name)}?dryRun=All&fieldValidation=Strict`, post);
    expect([strict.status, JSON.stringify(strict.body)]).toEqual([400, expect.stringContaining('spec.replica')]);
    const lax = await ask(`${collectionOf(name)}?dryRun=All&fieldValidation=Ignore`, post);
    expect([lax.status, (lax.body as Stored).spec]).toEqual([201, expect.not.objectContaining({ replica: 3 })]);
  });

  test('kubectl get shows its columns', async () => {
    const path = await stored(manifestOf(name, { 'metadata.name': 'table' }));
    await writeStatus(path, name);
    const table = await ask(path, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    const { columnDefinitions, rows } = table.body as {
      columnDefinitions: { name: string; priority: number }[];
      rows: { cells: unknown[] }[];
    };
    const shown = Object.fromEntries(columnDefinitions.map((column, index) => [column.name, rows[0]?.cells[index]]));
    expect(columnDefinitions.map((column) => column.name)).toEqual([
      'Name',
      ...kind.columns.map((column) => column.name),
    ]);
    expect(columnDefinitions.slice(1).map(({ priority }) => priority)).toEqual(
      kind.columns.map(({ priority }) => priority ?? 0),
    );
    expect(shown).toEqual(
      {
        ImapCluster: {
          Name: 'table',
          Ready: 'True',
          Pods: 2,
          Sessions: 1200,
          Phase: 'Serving',
          Age: expect.any(String),
        },
        MailboxPartition: {
          ...{ Name: 'table', Engine: 'postgresql', Primary: 'users-a-1', Epoch: 7, Phase: 'FailingOver' },
          ...{ Step: 'promote', Ready: 'True', Age: expect.any(String) },
        },
      }[name],
    );
  });

  test('status is a part of its own: neither side writes the other', async () => {
    const path = await stored(manifestOf(name, { 'metadata.name': 'sides' }));
    const before = await read(path);
    await writeStatus(path, name, { spec: { ...before.spec, paused: true } });
    const observed = await read(path);
    expect(observed).toMatchObject({ spec: before.spec, status: fullStatus[name] });
    expect(observed.metadata.generation).toBe(1);
    const byHand = { spec: { paused: true }, status: { observedGeneration: 99 } };
    expect((await ask(path, { method: 'PATCH', body: byHand, contentType: MERGE })).status).toBe(200);
    const changed = await read(path);
    expect(changed).toMatchObject({ spec: { paused: true }, status: fullStatus[name] });
    expect(changed.metadata.generation).toBe(2);
  });

  test('a whole status is stored as it was written, nulls too', async () => {
    const path = await stored(manifestOf(name, { 'metadata.name': 'whole' }));
    await writeStatus(path, name);
    expect((await read(path)).status).toEqual(fullStatus[name]);
  });

  test('conditions are a map by type: two writers keep theirs, and a type stands once', async () => {
    const path = await stored(manifestOf(name, { 'metadata.name': 'writers' }));
    const condition = (type: string) => ({
      ...{ type, status: 'True', reason: 'Because', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
    });
    const apply = (manager: string, conditions: readonly object[]) =>
      ask(`${path}/status?fieldManager=${manager}`, {
        method: 'PATCH',
        body: {
          apiVersion: 'imapcluster.io/v1alpha1',
          kind: name,
          metadata: { name: 'writers' },
          status: { conditions },
        },
        contentType: APPLY,
      });
    expect((await apply('a', [condition('Ready')])).status).toBe(200);
    expect((await apply('b', [condition('Watched')])).status).toBe(200);
    expect((await read(path)).status).toMatchObject({ conditions: [{ type: 'Ready' }, { type: 'Watched' }] });
    expect((await apply('a', [])).status).toBe(200);
    expect((await read(path)).status).toMatchObject({ conditions: [{ type: 'Watched' }] });
    const twice = { status: { conditions: [condition('Ready'), condition('Ready')] } };
    const { status, body } = await ask(`${path}/status`, { method: 'PATCH', body: twice, contentType: MERGE });
    expect([status, JSON.stringify(body)]).toEqual([422, expect.stringContaining('Duplicate value')]);
  });
});

const sparse: readonly (readonly [kind: RuleExamples['kind'], patch: Patch])[] = [
  ['ImapCluster', {}],
  ['ImapCluster', { 'spec.sessions': {}, 'spec.tls.secretName': 'mail-tls', 'spec.service.type': 'LoadBalancer' }],
  ['ImapCluster', { 'spec.authentication.oauthBearer': { issuer: 'https://id.example.org', audience: 'mail' } }],
  ['MailboxPartition', {}],
  ['MailboxPartition', { 'spec.repository.managed': { storage: {}, resources: { limits: { cpu: '2' } } } }],
  [
    'MailboxPartition',
    { 'spec.holds.slots': ['0-1023'], 'spec.durability.mode': 'Async', 'spec.failover.delay': '1s' },
  ],
  [
    'MailboxPartition',
    {
      'spec.repository.managed': undefined,
      'spec.repository.credentialsSecretRef.name': 's',
      'spec.repository.members': ['a', 'b', 'c'].map((name) => ({ name, host: name })),
    },
  ],
];

test.each(sparse)('the API server gives %s %j the defaults that we do', async (kind, patch) => {
  const manifest = manifestOf(kind, patch);
  const { status, body } = await ask(`${collectionOf(kind)}?dryRun=All`, { method: 'POST', body: manifest });
  expect(status).toBe(201);
  const ours = Value.Default(kindOf(kind).object, structuredClone(manifest)) as Stored;
  expect((body as Stored).spec).toEqual(ours.spec);
});

test('the largest specs within the bounds keep to the cost that the API server allows', async () => {
  const slots = Array.from({ length: 128 }, (_, index) => `${String(index).padStart(4, '0')}-1023`);
  const users = Array.from({ length: 1_000 }, (_, index) => String(index).padEnd(320, 'u'));
  const namespaces = Array.from({ length: 64 }, (_, index) => String(index).padEnd(128, 'n'));
  const parameters = Object.fromEntries(
    Array.from({ length: 64 }, (_, index) => [`p${index}`.padEnd(63, '_'), 'v'.repeat(1_024)]),
  );
  const large = manifestOf('MailboxPartition', {
    'spec.holds': { slots, users, namespaces },
    'spec.repository.managed.parameters': parameters,
  });
  const path = await stored({ ...large, metadata: { name: 'large' } });
  const grown = { spec: { repository: { managed: { storage: { size: '1Pi' } } } } };
  expect((await ask(path, { method: 'PATCH', body: grown, contentType: MERGE })).status).toBe(200);
});

test('members are a map by name', async () => {
  const twice = manifestOf('MailboxPartition', {
    'spec.repository.managed': undefined,
    'spec.repository.credentialsSecretRef.name': 's',
    'spec.repository.members': ['a', 'b', 'a'].map((name) => ({ name, host: name })),
  });
  const { status, body } = await ask(collectionOf('MailboxPartition'), { method: 'POST', body: twice });
  expect([status, JSON.stringify(body)]).toEqual([422, expect.stringContaining('Duplicate value')]);
});

test('an autoscaler reads the pods and their selector, and writes the number, within bounds', async () => {
  const path = await stored(manifestOf('ImapCluster', { 'metadata.name': 'scaled' }));
  const status = { replicas: 2, selector: 'app.kubernetes.io/instance=scaled' };
  await ask(`${path}/status`, { method: 'PATCH', body: { status }, contentType: MERGE });
  expect((await ask(`${path}/scale`)).body).toMatchObject({ kind: 'Scale', spec: { replicas: 2 }, status });
  const scale = (replicas: number) =>
    ask(`${path}/scale`, { method: 'PATCH', body: { spec: { replicas } }, contentType: MERGE });
  expect((await scale(5)).status).toBe(200);
  expect((await read(path)).spec.replicas).toBe(5);
  expect((await scale(0)).status).toBe(422);
  expect((await scale(501)).status).toBe(422);
  expect((await read(path)).spec.replicas).toBe(5);
});
