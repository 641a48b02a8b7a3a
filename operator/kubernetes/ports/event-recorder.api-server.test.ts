import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type PartitionName, partitionName } from '#contract/names.ts';
import { type ApiServer, startApiServer } from '#e2e/clusters/local/api-server.ts';
import { isWrite, readAuditLog } from '#e2e/clusters/local/control-plane/audit-log.ts';
import { testCluster } from '../../cluster/test-support/imapd-input.ts';
import type { Owner } from '../../objects/owned-meta.ts';
import { testPartition } from '../../partition/objects/test-support/member-input.ts';
import type { ApiClient } from '../api/api-client.ts';
import type { ApiObject, Resource } from '../api/resource.ts';
import { connect, runtime } from '../test-support/connect.ts';
import { EventRecorder } from './event-recorder.ts';
import { events } from './event-writer.ts';

/** Of whom nobody answers: what it is asked about is refused as by a server that has a fault. */
const webhooks: Resource<ApiObject & Readonly<Record<string, unknown>>> = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  namespaced: false,
};

// Promise: what happened is told where people look for it, once however often it happens, and telling never gets in the way.

let server: ApiServer;
let client: ApiClient;
beforeAll(async () => {
  server = await startApiServer();
  client = connect(server.kubeconfig);
});
afterAll(async () => await server?.stop());

const WITHIN = { timeout: 10_000, interval: 100 };

let users: PartitionName;
let metrics: Registry;
let count = 0;
let offset = 0;
beforeEach(() => {
  count += 1;
  offset = 0;
  users = partitionName(`users-${count}`);
  metrics = new Registry();
});

const placed = <T extends Owner>(owner: T): T => ({
  ...owner,
  metadata: { ...owner.metadata, namespace: 'default', uid: `uid-${count}` },
});
const regarding = (name: PartitionName | null): Owner | null => {
  if (name === null) return placed(testCluster({}, `mail-${count}`));
  return name === users ? placed(testPartition({}, name)) : null;
};
function recorderOf(signal: AbortSignal = new AbortController().signal) {
  // Real pauses, and a wall clock that can be moved.
  const clock = { ...runtime.clock, now: () => Date.now() + offset, monotonic: () => performance.now() + offset };
  return new EventRecorder({
    client,
    regarding,
    identity: 'operator-0_abc',
    ...runtime,
    clock,
    metrics,
    signal,
  });
}
const stored = async (name: string = users) => {
  const { items } = await client.list(events, { namespace: 'default', fieldSelector: `regarding.name=${name}` });
  return items.toSorted((a, b) => String(a.eventTime).localeCompare(String(b.eventTime)));
};
const dropped = async (): Promise<Readonly<Record<string, number>>> => {
  const metric = await metrics.getSingleMetric('imapcluster_events_dropped_total')?.get();
  return Object.fromEntries((metric?.values ?? []).map(({ labels, value }) => [labels.why, value]));
};

test('an Event on the partition, or on the cluster, of a type that follows from the code', async () => {
  const recorder = recorderOf();
  recorder.emit({ code: 'MemberRejoined', partition: users, fields: { member: 'a0', by: 'clone' } });
  recorder.emit({ code: 'TargetsLagging', partition: null, fields: { version: 3, pods: ['i0'] } });
  await recorder.idle();
  expect(await stored()).toMatchObject([
    {
      reason: 'MemberRejoined',
      type: 'Normal',
      note: 'A member follows the primary again. (member a0, by clone)',
      regarding: { apiVersion: 'imapcluster.io/v1alpha1', kind: 'MailboxPartition', namespace: 'default', name: users },
      reportingController: 'imapcluster.io/operator',
      reportingInstance: 'operator-0_abc',
    },
  ]);
  expect(await stored(`mail-${count}`)).toMatchObject([
    { reason: 'TargetsLagging', type: 'Warning', regarding: { kind: 'ImapCluster' } },
  ]);
});

test('of a condition that has turned, an Event called after its reason', async () => {
  const recorder = recorderOf();
  const condition = { type: 'MembersReady', reason: 'ImagePullFailed' };
  recorder.emit({ code: 'ConditionTroubled', partition: users, message: 'no such image', condition });
  await recorder.idle();
  expect(await stored()).toMatchObject([
    { reason: 'ImagePullFailed', action: 'MembersReady', type: 'Warning', note: 'no such image' },
  ]);
});

test('the same again raises a count; something else, or the same much later, is another Event', async () => {
  const recorder = recorderOf();
  const lost = { code: 'FailoverStarted', partition: users, message: 'a0 is gone' } as const;
  for (let i = 0; i < 3; i += 1) {
    recorder.emit(lost);
    await recorder.idle();
  }
  expect(await stored()).toMatchObject([{ note: 'a0 is gone', series: { count: 3 } }]);
  recorder.emit({ ...lost, message: 'a1 is gone' });
  await recorder.idle();
  offset = 11 * 60_000;
  recorder.emit(lost);
  await recorder.idle();
  expect((await stored()).map(({ note, series }) => [note, series?.count])).toEqual([
    ['a0 is gone', 3],
    ['a1 is gone', undefined],
    ['a0 is gone', undefined],
  ]);
});

test('what its series says is the same again raises the count, though each message is another', async () => {
  const recorder = recorderOf();
  const condition = { type: 'MembersReady', reason: 'ServerDown' };
  const down = { code: 'ConditionTroubled', partition: users, condition } as const;
  for (const at of ['12:00:01', '12:00:07', '12:00:19']) {
    recorder.emit({ ...down, message: `a1: FATAL at ${at}`, series: 'MembersReady ServerDown a1' });
    await recorder.idle();
  }
  recorder.emit({ ...down, message: 'a2: FATAL', series: 'MembersReady ServerDown a2' });
  await recorder.idle();
  expect((await stored()).map(({ note, series }) => [note, series?.count])).toEqual([
    ['a1: FATAL at 12:00:01', 3],
    ['a2: FATAL', undefined],
  ]);
});

test('an Event that was deleted is made again', async () => {
  const recorder = recorderOf();
  recorder.emit({ code: 'FailoverStarted', partition: users, message: 'a0 is gone' });
  await recorder.idle();
  for (const { metadata } of await stored()) await client.delete(events, metadata);
  recorder.emit({ code: 'FailoverStarted', partition: users, message: 'a0 is gone' });
  await recorder.idle();
  expect(await stored()).toMatchObject([{ note: 'a0 is gone', series: { count: 2 } }]);
  expect(await dropped()).toEqual({});
});

test('one that the API server does not take holds up none behind it, and is told once it is taken', async () => {
  const metadata = { name: 'no-poison' };
  await client.create(webhooks, {
    metadata,
    webhooks: [
      {
        name: 'no-poison.example.com',
        clientConfig: { url: 'https://127.0.0.1:1/' },
        rules: [{ apiGroups: ['events.k8s.io'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['events'] }],
        matchConditions: [{ name: 'poison', expression: "object.note == 'poison'" }],
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        timeoutSeconds: 1,
      },
    ],
  });
  const tell = async (message: string): Promise<void> => {
    await client.create(events, {
      metadata: { name: `probe-${count}-${Math.random()}`, namespace: 'default' },
      eventTime: new Date().toISOString().replace('Z', '000Z'),
      ...{ reportingController: 'test/probe', reportingInstance: 'probe', action: 'probe', reason: 'Probe' },
      ...{ type: 'Normal', note: message, regarding: { kind: 'Pod', namespace: 'default', name: 'probe' } },
    });
  };
  // The API server learns of it by and by.
  await expect
    .poll(
      async () =>
        await tell('poison').then(
          () => 'taken',
          () => 'refused',
        ),
      WITHIN,
    )
    .toBe('refused');
  const recorder = recorderOf();
  recorder.emit({ code: 'FailoverStarted', partition: users, message: 'poison' });
  recorder.emit({ code: 'FailoverStarted', partition: users, message: 'healthy' });
  await expect.poll(async () => (await stored()).map(({ note }) => note), WITHIN).toEqual(['healthy']);
  await client.delete(webhooks, metadata);
  await recorder.idle();
  // Both were told within a millisecond or two: which comes first by its time is not said.
  expect((await stored()).map(({ note }) => note).toSorted()).toEqual(['healthy', 'poison']);
  expect(await dropped()).toEqual({});
}, 60_000);

test('a flood of one object is cut off and counted', async () => {
  const recorder = recorderOf();
  for (let i = 0; i < 100; i += 1) recorder.emit({ code: 'FailoverStarted', partition: users, message: `time ${i}` });
  await recorder.idle();
  const many = (await stored()).length;
  expect(many).toBeGreaterThanOrEqual(60);
  expect(many).toBeLessThan(70);
  expect((await dropped())['too many']).toBe(100 - many);
});

test('a flood of the same is two requests at most at a time', async () => {
  const recorder = recorderOf();
  for (let i = 0; i < 50; i += 1) recorder.emit({ code: 'FailoverStarted', partition: users, message: 'flood' });
  await recorder.idle();
  expect(await stored()).toMatchObject([{ series: { count: 50 } }]);
  const [{ metadata } = { metadata: { name: '' } }] = await stored();
  const writes = (await readAuditLog(server.auditLog)).filter(
    (entry) => isWrite(entry) && entry.objectRef?.name === metadata.name,
  );
  expect(writes.length).toBeLessThanOrEqual(2);
});

test('what regards nothing that is there is in the log alone', async () => {
  const recorder = recorderOf();
  recorder.emit({ code: 'FailoverStarted', partition: partitionName('nobody') });
  await recorder.idle();
  expect(await dropped()).toEqual({ 'no object': 1 });
});

test('an API server that is away holds up nobody, and hears of it later', async () => {
  const recorder = recorderOf();
  await server.interrupt();
  const begun = performance.now();
  for (let i = 0; i < 3; i += 1) recorder.emit({ code: 'FailoverStarted', partition: users, message: 'outage' });
  expect(performance.now() - begun).toBeLessThan(100);
  await server.resume();
  await recorder.idle();
  expect(await stored()).toMatchObject([{ note: 'outage', series: { count: 3 } }]);
  expect(await dropped()).toEqual({});
}, 120_000);

test('the end of the operator ends it, and is counted', async () => {
  const ended = new AbortController();
  const recorder = recorderOf(ended.signal);
  ended.abort();
  recorder.emit({ code: 'FailoverStarted', partition: users });
  await recorder.idle();
  expect(await stored()).toEqual([]);
  expect(await dropped()).toEqual({ stopped: 1 });
});
