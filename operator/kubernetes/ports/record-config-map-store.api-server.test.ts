import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type PartitionName, partitionName } from '#contract/names.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { type ApiServer, startApiServer } from '#e2e/clusters/local/api-server.ts';
import { isWrite, readAuditLog } from '#e2e/clusters/local/control-plane/audit-log.ts';
import { ApiConnection } from '#runtime/kubernetes/api-connection.ts';
import { testPartition } from '../../partition/objects/test-support/member-input.ts';
import { newRecord, type PartitionRecord } from '../../partition/record.ts';
import type { OperatorEvent } from '../../ports.ts';
import { ApiClient, type RightToWrite, type WriteOutcome } from '../api/api-client.ts';
import { type ApiObject, configMaps, type Resource } from '../api/resource.ts';
import { connect, runtime } from '../test-support/connect.ts';
import { RecordConfigMapStore } from './record-config-map-store.ts';
import { RECORD_FILE, recordData } from './record-data.ts';

// Promise: a record is durable and ours when `save` says so; two operators never both succeed; what a person does to it is
// put right or refused, never acted on.

let server: ApiServer;
let client: ApiClient;
beforeAll(async () => {
  server = await startApiServer();
  client = connect(server.kubeconfig);
});
afterAll(async () => await server?.stop());

/** A partition, and with it a record, for each test. */
let users: PartitionName;
let partition: MailboxPartition | null;
let events: OperatorEvent[];
let count = 0;
const named = (managed: object = {}, uid = 'u1'): MailboxPartition => {
  const made = testPartition(managed, users);
  return { ...made, metadata: { ...made.metadata, namespace: 'default', uid } };
};
beforeEach(() => {
  count += 1;
  users = partitionName(`users-${count}`);
  partition = named();
  events = [];
});

const storeOf = (by: ApiClient = client) =>
  new RecordConfigMapStore({
    client: by,
    namespace: 'default',
    partition: () => partition,
    events: { emit: (event) => events.push(event) },
  });
const at = (epoch: number): PartitionRecord => ({ ...newRecord, epoch });
const key = () => ({ namespace: 'default', name: `${users}-record` });
const live = async () => {
  const found = await client.get(configMaps, key());
  if (found === null) throw new Error('there is no record');
  return found;
};
const requests = async (): Promise<readonly string[]> =>
  (await readAuditLog(server.auditLog))
    .filter(
      ({ objectRef, verb }) => objectRef?.name === key().name || (verb === 'create' && objectRef?.name === undefined),
    )
    .filter(({ objectRef }) => objectRef?.resource === 'configmaps' && objectRef.name === key().name)
    .map(({ verb }) => verb);

test('what was saved is there for the next operator; it costs one request each', async () => {
  const store = storeOf();
  expect(await store.load(users)).toBeNull();
  expect(await store.save(users, at(1), null)).toEqual({ ok: true, version: '1' });
  for (let epoch = 2; epoch <= 20; epoch += 1)
    expect(await store.save(users, at(epoch), String(epoch - 1))).toEqual({ ok: true, version: String(epoch) });
  expect(await storeOf().load(users)).toEqual({ record: at(20), version: '20' });
  const verbs = await requests();
  expect(verbs.filter((verb) => verb === 'get')).toHaveLength(2);
  expect(verbs.filter((verb) => verb === 'update')).toHaveLength(19);
  expect(events).toEqual([]);
});

test('of two operators the second to write is told, and nothing of it was written', async () => {
  const [first, second] = [storeOf(), storeOf()];
  await first.save(users, at(1), null);
  expect(await second.save(users, at(9), null)).toEqual({ ok: false, reason: 'conflict' });
  await second.load(users);
  expect(await first.save(users, at(2), '1')).toEqual({ ok: true, version: '2' });
  expect(await second.save(users, at(9), '1')).toEqual({ ok: false, reason: 'conflict' });
  expect(await second.save(users, at(9), '1')).toEqual({ ok: false, reason: 'conflict' });
  expect(await second.load(users)).toEqual({ record: at(2), version: '2' });
  expect(events).toEqual([]);
});

test('of saves at the same moment on the same version exactly one wins', async () => {
  const outcomes = await Promise.all([1, 2, 3, 4].map((epoch) => storeOf().save(users, at(epoch), null)));
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  const store = storeOf();
  await store.load(users);
  const same = await Promise.all([5, 6, 7].map((epoch) => store.save(users, at(epoch), '1')));
  expect(same.filter(({ ok }) => ok)).toHaveLength(1);
});

test('a label of somebody else is no conflict, and stays', async () => {
  const store = storeOf();
  await store.save(users, at(1), null);
  const { metadata, ...rest } = await live();
  await client.replace(configMaps, {
    ...rest,
    metadata: { ...metadata, labels: { ...metadata.labels, theirs: 'yes' } },
  });
  expect(await store.save(users, at(2), '1')).toEqual({ ok: true, version: '2' });
  expect((await live()).metadata.labels).toMatchObject({ theirs: 'yes', 'imapcluster.io/partition': users });
  expect(events).toEqual([]);
});

test.each([
  ['an edited record', () => ({ [RECORD_FILE]: '{"revision": 1}' }), 'damaged'],
  ['one with a higher revision, without its checksum', () => ({ ...recordData(99, at(99)), sha256: '0' }), 'checksum'],
  ['one that is older', () => recordData(1, at(7)), 'it had been edited'],
  ['none', () => ({}), 'it has no record.json'],
])('the leader writes over %s, and tells', async (_, data, why) => {
  const store = storeOf();
  await store.save(users, at(1), null);
  await store.save(users, at(2), '1');
  await client.replace(configMaps, { ...(await live()), data: data() });
  expect(await store.save(users, at(3), '2')).toEqual({ ok: true, version: '3' });
  expect(await storeOf().load(users)).toEqual({ record: at(3), version: '3' });
  expect(events).toMatchObject([{ code: 'RecordRestored', partition: users }]);
  expect(events[0]?.message).toContain(why);
});

test('a deleted record is made anew by who knows it', async () => {
  const store = storeOf();
  await store.save(users, at(1), null);
  await client.delete(configMaps, key());
  expect(await store.save(users, at(2), '1')).toEqual({ ok: true, version: '2' });
  expect(await storeOf().load(users)).toEqual({ record: at(2), version: '2' });
  expect(events).toMatchObject([{ code: 'RecordRestored' }]);
  await client.delete(configMaps, key());
  expect(await store.save(users, at(3), '2')).toEqual({ ok: true, version: '3' });
});

test('a damaged record is an error that says what to do, told once, and nothing is written on top of it', async () => {
  await storeOf().save(users, at(1), null);
  const before = await live();
  await client.replace(configMaps, { ...before, data: { ...before.data, [RECORD_FILE]: '{"rev' } });
  const store = storeOf();
  for (let i = 0; i < 3; i += 1) await expect(store.load(users)).rejects.toThrow(/checksum.*Put back what was there/);
  expect(events.map(({ code }) => code)).toEqual(['RecordDamaged']);
  expect(await store.save(users, newRecord, null)).toEqual({ ok: false, reason: 'conflict' });
  expect((await live()).data?.[RECORD_FILE]).toBe('{"rev');
  await client.replace(configMaps, { ...(await live()), data: before.data ?? {} });
  expect(await store.load(users)).toEqual({ record: at(1), version: '1' });
});

/** A client whose answers can get lost: what was asked for has happened all the same. */
class Losing extends ApiClient {
  loses = false;

  static to(kubeconfig: string): Losing {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    return new Losing(new ApiConnection(config, 'imapcluster-test'));
  }

  override async create<T extends ApiObject>(resource: Resource<T>, object: T): Promise<WriteOutcome<T>> {
    return this.#answer(await super.create(resource, object));
  }

  override async replace<T extends ApiObject>(resource: Resource<T>, object: T): Promise<WriteOutcome<T>> {
    return this.#answer(await super.replace(resource, object));
  }

  #answer<T>(outcome: T): T {
    if (this.loses) throw new Error('socket hang up');
    return outcome;
  }
}

test('an answer that was lost: the next save goes on from what was written', async () => {
  const losing = Losing.to(server.kubeconfig);
  const store = storeOf(losing);
  const lose = async (epoch: number, expected: string | null) => {
    losing.loses = true;
    await expect(store.save(users, at(epoch), expected)).rejects.toThrow('socket hang up');
    losing.loses = false;
  };
  await lose(1, null);
  expect(await store.save(users, at(1), null)).toEqual({ ok: true, version: '1' });
  await lose(2, '1');
  await lose(2, '1');
  expect(await store.save(users, at(2), '1')).toEqual({ ok: true, version: '2' });
  // Decided anew meanwhile: other content on top of what was written.
  await lose(3, '2');
  expect(await store.save(users, at(4), '2')).toEqual({ ok: true, version: '4' });
  expect(await store.save(users, at(5), '4')).toEqual({ ok: true, version: '5' });
  expect(await storeOf().load(users)).toEqual({ record: at(5), version: '5' });
  expect(events).toEqual([]);
});

test('two operators at once, labels and lost answers, in any order: nobody writes on top of what he has not seen', async () => {
  const random = seeded(7);
  const pick = (most: number): number => Math.floor(random() * most);
  const writers = [1, 2].map(() => {
    const losing = Losing.to(server.kubeconfig);
    return { losing, store: storeOf(losing), version: null as string | null, seen: [0] };
  });
  const stored = async (): Promise<number> => (await storeOf().load(users))?.record.epoch ?? 0;
  const tally = { saved: 0, conflict: 0, lost: 0 };
  for (let epoch = 1; epoch <= 150; epoch += 1) {
    const by = writers[pick(2)]!;
    if (pick(6) === 0 && (await stored()) > 0) await touch();
    const before = await stored();
    by.losing.loses = pick(4) === 0;
    const outcome = await by.store.save(users, at(epoch), by.version).catch(() => 'lost' as const);
    by.losing.loses = false;
    if (outcome === 'lost') {
      tally.lost += 1;
      if ((await stored()) === epoch) by.seen.push(epoch);
    } else if (outcome.ok) {
      tally.saved += 1;
      expect(by.seen).toContain(before);
      expect(await stored()).toBe(epoch);
      Object.assign(by, { version: outcome.version, seen: [epoch] });
    } else {
      tally.conflict += 1;
      expect(await stored()).toBe(before);
      const loaded = await by.store.load(users);
      Object.assign(by, { version: loaded?.version ?? null, seen: [loaded?.record.epoch ?? 0] });
    }
  }
  expect(Math.min(...Object.values(tally))).toBeGreaterThan(10);
  expect(events).toEqual([]);
}, 60_000);

async function touch(): Promise<void> {
  const { metadata, ...rest } = await live();
  const labels = { ...metadata.labels, touched: String(metadata.resourceVersion) };
  await client.replace(configMaps, { ...rest, metadata: { ...metadata, labels } });
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A policy of the API server's that changes what it is shown, as mutating webhooks do. */
async function mangle(): Promise<() => Promise<void>> {
  const policy = (kind: string, plural: string): Resource<ApiObject & Readonly<Record<string, unknown>>> => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    plural,
    namespaced: false,
  });
  const policies = policy('MutatingAdmissionPolicy', 'mutatingadmissionpolicies');
  const bindings = policy('MutatingAdmissionPolicyBinding', 'mutatingadmissionpolicybindings');
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['configmaps'] };
  const name = `mangle-${users}`;
  await client.create(policies, {
    metadata: { name },
    spec: {
      reinvocationPolicy: 'Never',
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: [rule] },
      matchConditions: [{ name: 'this', expression: `object.metadata.name == "${users}-record"` }],
      mutations: [
        { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{data: {"record.json": "{}"}}' } },
      ],
    },
  });
  await client.create(bindings, { metadata: { name }, spec: { policyName: name } });
  return async () => {
    await client.delete(bindings, { name });
    await client.delete(policies, { name });
  };
}

test('what the API server stores in place of what it was sent is not taken for saved', async () => {
  const store = storeOf();
  await store.save(users, at(1), null);
  let version = '1';
  const mend = await mangle();
  let failed: unknown = null;
  // It takes the server a moment to obey a new policy.
  for (let epoch = 2; failed === null && epoch < 500; epoch += 1) {
    const saved = await store.save(users, at(epoch), version).catch((error: unknown) => error);
    if (saved instanceof Error) failed = saved.message;
    else version = (saved as { readonly version: string }).version;
  }
  expect(failed).toContain('stored something else than it was sent');
  await mend();
  await vi.waitFor(async () => expect(await store.save(users, at(1_000), version)).toMatchObject({ ok: true }), 20_000);
  expect((await storeOf().load(users))?.record).toEqual(at(1_000));
}, 60_000);

test('who does not lead writes nothing', async () => {
  const ended = new AbortController();
  const right: RightToWrite = {
    signal: ended.signal,
    mustBeHeld: () => ended.signal.throwIfAborted(),
  };
  const store = storeOf(connect(server.kubeconfig, right));
  await store.save(users, at(1), null);
  ended.abort(new Error('not the leader any more'));
  await expect(store.save(users, at(2), '1')).rejects.toThrow('not the leader any more');
  expect(await storeOf().load(users)).toEqual({ record: at(1), version: '1' });
});

test('it goes with the partition where the volumes do, and `reclaim` may change', async () => {
  const store = storeOf();
  await store.load(users);
  await store.save(users, at(1), null);
  expect((await live()).metadata.ownerReferences).toBeUndefined();
  partition = named({ reclaim: 'Delete' });
  await store.settleOwner(users);
  expect((await live()).metadata.ownerReferences).toMatchObject([{ kind: 'MailboxPartition', uid: 'u1' }]);
  const { resourceVersion } = (await live()).metadata;
  await store.settleOwner(users);
  expect((await live()).metadata.resourceVersion).toBe(resourceVersion);
  partition = named();
  expect(await store.save(users, at(2), '1')).toEqual({ ok: true, version: '2' });
  expect((await live()).metadata.ownerReferences).toBeUndefined();
});

test('what a deleted partition of the same name left is waited out', async () => {
  partition = named({ reclaim: 'Delete' });
  await storeOf().save(users, at(5), null);
  partition = named({ reclaim: 'Delete' }, 'u2');
  const store = storeOf();
  await expect(store.load(users)).rejects.toThrow("is an earlier partition's and about to be deleted");
  await client.delete(configMaps, key());
  expect(await store.load(users)).toBeNull();
  expect(events).toEqual([]);
});

test('without its partition no record is made', async () => {
  partition = null;
  await expect(storeOf().save(users, at(1), null)).rejects.toThrow('there is no MailboxPartition');
  expect(await client.get(configMaps, key())).toBeNull();
});

test('many saves a second: the time of one', async () => {
  const store = storeOf();
  await store.save(users, at(1), null);
  const begun = performance.now();
  for (let epoch = 2; epoch <= 51; epoch += 1) await store.save(users, at(epoch), String(epoch - 1));
  const each = (performance.now() - begun) / 50;
  runtime.log.debug({ each }, 'milliseconds a save');
  expect(each).toBeLessThan(200);
  expect((await readAuditLog(server.auditLog)).some(isWrite)).toBe(true);
});
