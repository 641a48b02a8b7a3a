import { setTimeout as sleep } from 'node:timers/promises';
import { decodeProtectedHeader, type JWK } from 'jose';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ApiScene } from '../../test-support/api-scene.ts';
import { configMaps, secrets } from '../api/resource.ts';
import { events } from '../ports/event-writer.ts';
import { startedOperator } from './test-support/started-operator.ts';

// What is replaced is known to everybody before it is in force: a signing key before it signs, and the routing document is
// signed anew before the old one is forgotten; passwords of a database before its agent gives them to it.

let scene: ApiScene;

beforeAll(async () => {
  scene = await ApiScene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

// What is waited for comes within a second or two; on a busy machine it comes when it comes.
vi.setConfig({ testTimeout: 200_000 });
const within = { timeout: 90_000, interval: 50 };
const namespace = 'rotation';

/** A file of a Secret; null where it is not there. */
async function fileIn(name: string, file: string, of = namespace): Promise<unknown> {
  const secret = await scene.client.get(secrets, { namespace: of, name });
  const text = Buffer.from(secret?.data?.[file] ?? '', 'base64').toString('utf8');
  return text === '' ? null : JSON.parse(text);
}

/** Names of the public keys in a Secret. */
async function known(name: string, of = namespace): Promise<readonly string[]> {
  const keys = (await fileIn(name, 'public-keys.json', of)) as JWK[] | null;
  return (keys ?? []).map(({ kid }) => kid ?? '');
}

async function signer(of = namespace): Promise<string> {
  const map = await scene.client.get(configMaps, { namespace: of, name: 'mail-routing' });
  return decodeProtectedHeader(map?.data?.['routing.jws'] ?? '').kid ?? '';
}

test('pods get the new key, then it signs, then the old one goes', async () => {
  await scene.makeNamespace(namespace);
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: namespace, rotationGraceSeconds: 4 });
  await scene.makeCluster(namespace);
  await scene.makePartition(namespace, 'users-a');
  await vi.waitFor(async () => {
    expect(await known('mail-imapd-configuration')).toHaveLength(1);
    expect(await known('users-a-agent-configuration')).toHaveLength(1);
    expect(await signer()).not.toBe('');
  }, within);
  const [old = ''] = await known('mail-imapd-configuration');
  expect(await signer()).toBe(old);
  const annotations = { 'imapcluster.io/rotate-signing-key': 'now' };
  await scene.patch('imapclusters', `${namespace}/mail`, { metadata: { annotations } });
  await vi.waitFor(async () => {
    expect(await known('mail-imapd-configuration')).toHaveLength(2);
    expect(await known('users-a-agent-configuration')).toHaveLength(2);
  }, within);
  await vi.waitFor(async () => expect(await signer()).not.toBe(old), within);
  const signing = await signer();
  await vi.waitFor(async () => {
    expect(await known('mail-imapd-configuration')).toEqual([signing]);
    expect(await known('users-a-agent-configuration')).toEqual([signing]);
  }, within);
});

test('no key signs while the cluster is paused, or before all have it: a pod would refuse what it signed', async () => {
  const own = 'rotation-held';
  await scene.makeNamespace(own);
  // Somebody else's, of the name that the key would have to be in.
  const foreign = { namespace: own, name: 'users-b-agent-configuration' };
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: own, rotationGraceSeconds: 2 });
  await scene.makeCluster(own);
  await scene.makePartition(own, 'users-a', { holds: { slots: ['0-1023'] } });
  await vi.waitFor(async () => {
    expect(await known('users-a-agent-configuration', own)).toHaveLength(1);
    expect(await signer(own)).not.toBe('');
  }, within);
  const old = await signer(own);
  await scene.client.create(secrets, { metadata: foreign });
  await scene.makePartition(own, 'users-b', { holds: { users: ['b@example.org'] } });
  await scene.patch('imapclusters', `${own}/mail`, { spec: { paused: true } });
  await vi.waitFor(async () => expect(await scene.cluster(own)).toMatchObject({ status: { phase: 'Paused' } }), within);
  const annotations = { 'imapcluster.io/rotate-signing-key': 'now' };
  await scene.patch('imapclusters', `${own}/mail`, { metadata: { annotations } });
  await sleep(6_000);
  expect(await signer(own)).toBe(old);
  await scene.patch('imapclusters', `${own}/mail`, { spec: { paused: false } });
  await vi.waitFor(async () => expect(await known('users-a-agent-configuration', own)).toHaveLength(2), within);
  await sleep(6_000);
  expect(await signer(own)).toBe(old);
  await scene.client.delete(secrets, foreign);
  await vi.waitFor(async () => expect(await known('users-b-agent-configuration', own)).toContain(old), within);
  await vi.waitFor(async () => {
    const signing = await signer(own);
    expect(signing).not.toBe(old);
    for (const name of ['mail-imapd', 'users-a-agent', 'users-b-agent'])
      expect(await known(`${name}-configuration`, own)).toEqual([signing]);
  }, within);
});

test('agents and imapd get the next passwords, then these are in force, each once and by itself', async () => {
  const own = 'passwords';
  await scene.makeNamespace(own);
  await using _ = await startedOperator({ kubeconfig: scene.kubeconfig, lease: own, rotationGraceSeconds: 4 });
  await scene.makeCluster(own);
  await scene.makePartition(own, 'users-a');
  type Passwords = { readonly mail: string; readonly next?: { readonly mail: string } };
  const ofAgents = async () => (await fileIn('users-a-credentials', 'passwords.json', own)) as Passwords | null;
  const ofImapd = async () => await fileIn('mail-imapd-credentials', 'users-a.json', own);
  await vi.waitFor(async () => expect(await ofImapd()).not.toBeNull(), within);
  const { mail: old } = (await ofAgents()) ?? {};
  expect(await ofImapd()).toEqual({ user: 'imapcluster_mail', password: old });
  const annotations = { 'imapcluster.io/rotate-credentials': 'now' };
  await scene.patch('mailboxpartitions', `${own}/users-a`, { metadata: { annotations } });
  await vi.waitFor(async () => expect((await ofAgents())?.next).toBeDefined(), within);
  const next = (await ofAgents())?.next?.mail;
  await vi.waitFor(async () => expect(await ofImapd()).toMatchObject({ password: old, otherPassword: next }), {
    ...within,
    timeout: 3_000,
  });
  await vi.waitFor(async () => expect(await ofAgents()).toMatchObject({ mail: next, previous: { mail: old } }), within);
  await vi.waitFor(async () => expect(await ofImapd()).toMatchObject({ password: next, otherPassword: old }), within);
  await vi.waitFor(async () => {
    const told = (await scene.client.list(events, { namespace: own })).items.map(({ reason }) => reason ?? '');
    expect(told.filter((reason) => reason.startsWith('Passwords')).toSorted()).toEqual([
      'PasswordsAnnounced',
      'PasswordsInForce',
    ]);
  }, within);
  // Another grace later everything is as it was.
  await sleep(5_000);
  const since = new Date().toISOString();
  await sleep(5_000);
  expect(await scene.writes(own, since)).toEqual([]);
});
