import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ApiScene, conditionOf } from '../../test-support/api-scene.ts';
import { ADMINISTRATOR, type ExistingServers, startExistingServers } from '../../test-support/existing-servers.ts';
import { type ApiObject, configMaps, pods, type Resource, secrets, services, volumeClaims } from '../api/resource.ts';
import { events } from '../ports/event-writer.ts';
import { jobs } from '../ports/jobs.ts';
import { startedOperator } from './test-support/started-operator.ts';

// Database servers that somebody else runs, beside an API server: what is asked of the person, what is made in the API, and how
// far a partition gets without kubelets, which is as far as the job that makes the mail schema.

let scene: ApiScene;
let servers: ExistingServers;

beforeAll(async () => {
  [scene, servers] = await Promise.all([ApiScene.start(), startExistingServers(['mail', 'mail', 'mail'])]);
}, 120_000);
afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
  await servers?.stop();
});

vi.setConfig({ testTimeout: 200_000 });
const within = { timeout: 90_000, interval: 100 };
const namespace = 'existing';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const usable = async () => conditionOf(await scene.partition(namespace, 'users-a'), 'MembersUsable');

/** What Events have told of the condition. */
async function told(): Promise<readonly string[]> {
  const { items } = await scene.client.list(events, { namespace, fieldSelector: 'regarding.name=users-a' });
  const own = items.filter(({ action }) => action === 'MembersUsable');
  return own.map(({ type, reason, note, series }) => `${type} ${reason} ${series?.count ?? 1}: ${note}`);
}

async function namesOf(resource: Resource<ApiObject>): Promise<readonly string[]> {
  const { items } = await scene.client.list(resource, { namespace });
  return items.map(({ metadata }) => metadata.name);
}

test('the Secret is asked for, then the servers are taken over; nothing is made that belongs to servers', async () => {
  const { client } = scene;
  await scene.makeNamespace(namespace);
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace });
  await scene.makeCluster(namespace);
  const members = servers.servers.map(({ name, endpoint }) => ({ name, ...endpoint }));
  const repository = { engine: 'postgresql', members, credentialsSecretRef: { name: 'users-db' } };
  await scene.makePartition(namespace, 'users-a', { holds: { slots: ['0-1023'] }, repository });
  await vi.waitFor(async () => {
    expect(await usable()).toMatchObject({
      status: 'False',
      reason: 'CredentialsMissing',
      message: expect.stringContaining('there is no Secret users-db: create it'),
    });
    expect(await told()).toEqual([
      expect.stringMatching(/^Warning CredentialsMissing 1: .*no Secret users-db: create it/),
    ]);
  }, within);

  const { username, password } = ADMINISTRATOR;
  const metadata = { namespace, name: 'users-db' };
  const data = { username: base64(username), password: base64(password) };
  await client.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata, data });
  await vi.waitFor(async () => {
    const { status } = (await scene.partition(namespace, 'users-a')) ?? {};
    expect(await usable()).toMatchObject({ status: 'True' });
    expect(status).toMatchObject({ step: 'migrate', epoch: 1, synchronous: { required: 1, members: ['e1', 'e2'] } });
    expect((await namesOf(jobs)).join()).toMatch(/^users-a-migrate-/);
    expect(await told()).toContain('Normal Usable 1: MembersUsable is well again: every server can be worked with');
  }, within);
  const stamped = await servers.ask(servers.server('e1'), 'TABLE imapcluster.repository_epoch', 'imap');
  expect(stamped).toMatchObject([{ epoch: '1', member: 'e0' }]);
  expect(await namesOf(pods)).toEqual([]);
  expect(await namesOf(volumeClaims)).toEqual([]);
  expect((await namesOf(services)).filter((name) => name.startsWith('users-a'))).toEqual([]);
  expect(await client.get(configMaps, { namespace, name: 'users-a-record' })).not.toBeNull();
  // Kept with the data, which is not ours to delete.
  const made = await client.get(secrets, { namespace, name: 'users-a-credentials' });
  expect(made?.metadata.ownerReferences ?? []).toEqual([]);
});
