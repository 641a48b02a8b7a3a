import type { JWK } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ROUTING_API_VERSION, type RoutingDocument } from '#contract/routing-document.ts';
import { generateSigningKey, sign } from '#contract/signature.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { type ApiServer, startApiServer } from '#e2e/clusters/local/api-server.ts';
import { testCluster } from '../../cluster/test-support/imapd-input.ts';
import type { OperatorEvent } from '../../ports.ts';
import type { ApiClient } from '../api/api-client.ts';
import { configMaps } from '../api/resource.ts';
import { NameTaken } from '../apply/name-taken.ts';
import { connect } from '../test-support/connect.ts';
import { RoutingConfigMapStore } from './routing-config-map-store.ts';

// Promise: what was saved is what the next operator and every pod that starts find; what nobody of us signed is not used.

let server: ApiServer;
let client: ApiClient;
beforeAll(async () => {
  server = await startApiServer();
  client = connect(server.kubeconfig);
});
afterAll(async () => await server?.stop());

const key = await generateSigningKey('ours');
const other = await generateSigningKey('another');
let cluster: ImapCluster;
let events: OperatorEvent[];
let count = 0;
beforeEach(() => {
  count += 1;
  events = [];
  const made = testCluster({}, `mail-${count}`);
  cluster = { ...made, metadata: { ...made.metadata, namespace: 'default' } };
});

const storeOf = (publicKeys: readonly JWK[] = [key.publicJwk]) =>
  new RoutingConfigMapStore({
    client,
    cluster: () => cluster,
    publicKeys: () => publicKeys,
    events: { emit: (event) => events.push(event) },
  });
const document = (version: number, name = cluster.metadata.name): RoutingDocument => ({
  apiVersion: ROUTING_API_VERSION,
  cluster: name,
  version,
  placement: { users: {}, namespaces: {}, slots: [] },
  partitions: {},
});
const stored = async (version: number, by = key) => ({
  document: document(version),
  signed: await sign(document(version), 'routing', by.privateJwk),
});
const place = () => ({ namespace: 'default', name: `${cluster.metadata.name}-routing` });
const live = async () => {
  const found = await client.get(configMaps, place());
  if (found === null) throw new Error('there is no document');
  return found;
};

test('what was saved is there for the next operator, owned by the cluster', async () => {
  const store = storeOf();
  expect(await store.load()).toBeNull();
  await store.save(await stored(1));
  const second = await stored(2);
  await store.save(second);
  expect(await storeOf().load()).toEqual(second);
  expect((await live()).metadata).toMatchObject({ ownerReferences: [{ kind: 'ImapCluster', uid: '5f2c' }] });
  expect((await live()).data).toEqual({ 'routing.jws': second.signed });
  expect(events).toEqual([]);
});

test('during a rotation what either key signed is read', async () => {
  await storeOf().save(await stored(3));
  expect(await storeOf([other.publicJwk, key.publicJwk]).load()).toMatchObject({ document: { version: 3 } });
});

test.each([
  ['signed by somebody else', async () => (await stored(9, other)).signed, 'BadSignature'],
  ['signed for something else', async () => await sign(document(9), 'command', key.privateJwk), 'BadSignature'],
  ["another cluster's", async () => await sign(document(9, 'post'), 'routing', key.privateJwk), 'of the cluster post'],
  ['of another shape', async () => await sign({ version: 9 }, 'routing', key.privateJwk), 'BadPayload'],
  ['nothing', async () => '', 'BadSignature'],
])('a document that is %s is not used, told, and replaced', async (_, text, why) => {
  await storeOf().save(await stored(5));
  await client.replace(configMaps, { ...(await live()), data: { 'routing.jws': await text() } });
  const store = storeOf();
  expect(await store.load()).toBeNull();
  expect(events).toMatchObject([{ code: 'RoutingRefused', partition: null }]);
  expect(events[0]?.message).toContain(why);
  await store.save(await stored(1));
  expect(await storeOf().load()).toMatchObject({ document: { version: 1 } });
});

test('it is written again where it was deleted or touched; never over a later one', async () => {
  const store = storeOf();
  await store.save(await stored(1));
  await client.delete(configMaps, place());
  await store.save(await stored(2));
  const { metadata, ...rest } = await live();
  await client.replace(configMaps, { ...rest, metadata: { ...metadata, labels: { theirs: 'yes' } } });
  await store.save(await stored(3));
  expect((await live()).metadata.labels).toMatchObject({ theirs: 'yes' });
  const successor = storeOf();
  await successor.load();
  await successor.save(await stored(7));
  for (let i = 0; i < 2; i += 1) await expect(store.save(await stored(4))).rejects.toThrow('holds version 7 already');
  expect(await storeOf().load()).toMatchObject({ document: { version: 7 } });
});

test('a ConfigMap of that name that belongs to somebody else is left alone', async () => {
  const data = { theirs: 'yes' };
  const before = storeOf();
  await client.create(configMaps, { metadata: place(), data });
  for (const store of [before, storeOf()]) {
    await expect(store.save(await stored(1))).rejects.toThrow(NameTaken);
    await expect(store.load()).rejects.toThrow(NameTaken);
    await expect(store.save(await stored(2))).rejects.toThrow(NameTaken);
  }
  expect((await live()).data).toEqual(data);
  await client.delete(configMaps, place());
  expect(await before.load()).toBeNull();
  await before.save(await stored(3));
  expect(await storeOf().load()).toMatchObject({ document: { version: 3 } });
});

test('without an API server a save fails in seconds, and the next one succeeds', async () => {
  const store = storeOf();
  await store.save(await stored(1));
  await server.interrupt();
  await expect(store.save(await stored(2))).rejects.toThrow();
  await server.resume();
  await store.save(await stored(2));
  expect(await storeOf().load()).toMatchObject({ document: { version: 2 } });
}, 120_000);
