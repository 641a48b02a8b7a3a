import { setTimeout as sleep } from 'node:timers/promises';
import { KubeConfig, type V1ContainerState, type V1Job, type V1Pod } from '@kubernetes/client-node';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { memberName, type PartitionName, partitionName } from '#contract/names.ts';
import { apiClient } from '#crds/test-support/api-client.ts';
import { type ApiServer, startApiServer } from '#e2e/clusters/local/api-server.ts';
import { podDefaults } from '../../cluster/test-support/imapd-input.ts';
import { jobObject } from '../../partition/objects/job.ts';
import { testPartition } from '../../partition/objects/test-support/member-input.ts';
import type { Job, JobOutcome } from '../../ports.ts';
import { ApiClient } from '../api/api-client.ts';
import { configMaps, pods, type Stored } from '../api/resource.ts';
import { groupOf } from '../controllers/caches/group-of.ts';
import { KindCache } from '../controllers/caches/kind-cache.ts';
import { MeteredConnection } from '../controllers/process/metered-connection.ts';
import { jobPods } from '../controllers/runtime/job-pods.ts';
import { connect, runtime } from '../test-support/connect.ts';
import { grant } from '../test-support/grant.ts';
import { JobRunner } from './job-runner.ts';
import { jobs } from './jobs.ts';

// Promise: a job runs once, whoever waits for it; its result comes back; and what is given up is gone.
// Nobody makes pods here: the test does, as the job controller and the kubelet would.

const WITHIN = { timeout: 20_000, interval: 50 };
let server: ApiServer;
let client: ApiClient;
/** As the operator has it. */
let cache: KindCache<Stored<V1Pod>>;
const end = new AbortController();
let watching: Promise<void> | undefined;
beforeAll(async () => {
  server = await startApiServer();
  client = connect(server.kubeconfig);
  cache = new KindCache({ ...runtime, client, resource: pods, namespaces: ['default'], index: groupOf });
  watching = cache.run(end.signal);
});
afterAll(async () => {
  end.abort();
  await watching;
  await server?.stop();
});

let users: PartitionName;
let count = 0;
beforeEach(() => {
  count += 1;
  users = partitionName(`users-${count}`);
});

const partition = (uid = 'u1') => {
  const made = testPartition({}, users);
  return { ...made, metadata: { ...made.metadata, namespace: 'default', uid } };
};
const at = (name: string) => ({ member: memberName(name), endpoint: { host: '10.0.0.7', port: 5432 } });
const migrate = (epoch = 1): Job => ({ kind: 'migrate', partition: users, database: 'imap', epoch, writer: at('a0') });
const salvage = (): Job => ({ ...migrate(), kind: 'salvage', from: { ...at('a1'), lastEpoch: 1 } });
const runner = (as: ApiClient = client) =>
  new JobRunner({
    client: as,
    partition: () => partition(),
    image: () => 'imapd:1',
    pods: podDefaults,
    jobPods: jobPods(cache),
    ...runtime,
  });

function begin(job: Job, by: JobRunner = runner()) {
  const controller = new AbortController();
  return { ended: by.run(job, controller.signal), giveUp: () => controller.abort() };
}
const found = async (): Promise<readonly Stored<V1Job>[]> => {
  const { items } = await client.list(jobs, {
    namespace: 'default',
    labelSelector: `imapcluster.io/partition=${users}`,
  });
  return items;
};
async function running(uid?: string): Promise<Stored<V1Job>> {
  return await vi.waitFor(async () => {
    const [job] = await found();
    if (job === undefined || job.metadata.uid === uid) throw new Error('no new Job yet');
    return job;
  }, WITHIN);
}
/** The pod of a Job, as far as it counts here. */
async function podOf(job: Stored<V1Job>): Promise<Stored<V1Pod>> {
  const { uid, name } = job.metadata;
  const ours = job.spec?.template.metadata?.labels;
  const labels = { ...ours, 'batch.kubernetes.io/controller-uid': uid ?? '', 'batch.kubernetes.io/job-name': name };
  const spec = { containers: [{ name: 'job', image: 'imapd:1' }] };
  const made = await client.create(pods, {
    metadata: { name: `p-${uid?.slice(0, 8)}`, namespace: 'default', labels },
    spec,
  } as Stored<V1Pod>);
  if (!made.ok) throw new Error(made.reason);
  return made.object;
}
async function show(pod: Stored<V1Pod>, phase: string, state: V1ContainerState): Promise<void> {
  const containerStatuses = [{ name: 'job', image: 'imapd:1', imageID: '', ready: false, restartCount: 0, state }];
  const now = await client.get(pods, pod.metadata);
  if (now === null) throw new Error('the pod is gone');
  await client.replace(pods, { ...now, status: { phase, containerStatuses } } as unknown as Stored<V1Pod>, {
    subresource: 'status',
  });
}
const ended = (exitCode: number, message: string): V1ContainerState => ({
  terminated: { exitCode, message, reason: exitCode === 0 ? 'Completed' : 'Error' },
});
async function endPod(exitCode: number, message: string): Promise<void> {
  await show(await podOf(await running()), exitCode === 0 ? 'Succeeded' : 'Failed', ended(exitCode, message));
}
async function endJob(type: 'Complete' | 'Failed'): Promise<void> {
  const [job] = await found();
  if (job === undefined) throw new Error('there is no Job');
  const before = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  const time = new Date().toISOString().replace(/\.\d+/, '');
  const conditions = [before, type].map((each) => ({
    type: each,
    status: 'True',
    lastProbeTime: time,
    lastTransitionTime: time,
  }));
  const status = {
    conditions,
    startTime: time,
    ...(type === 'Complete' ? { completionTime: time, succeeded: 1 } : { failed: 1 }),
  };
  const written = await client.replace(jobs, { ...job, status } as unknown as Stored<V1Job>, { subresource: 'status' });
  if (!written.ok) throw new Error(written.reason);
}

/** Somebody who may do with Jobs all but delete them; `asked`: what was to be written. */
async function mayNotDelete(): Promise<{ readonly asked: readonly string[]; readonly client: ApiClient }> {
  const metadata = { name: 'powerless', namespace: 'default' };
  const rules = [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'list', 'create'] }];
  await grant(client, { metadata, user: metadata.name, rules });
  const config = new KubeConfig();
  config.loadFromFile(await server.kubeconfigFor({ name: metadata.name }));
  const asked: string[] = [];
  const wrote = (method: string, resource: string) => asked.push(`${method} ${resource}`);
  const powerless = new ApiClient(new MeteredConnection(config, 'imapcluster-test', { wrote, maxRequests: null }));
  await vi.waitFor(async () => await powerless.list(jobs, { namespace: 'default' }), WITHIN);
  return { asked, client: powerless };
}

test('the result is what its pod left as its last word', async () => {
  const { ended: outcome } = begin(migrate());
  await endPod(0, '{"applied":["mail schema"]}');
  expect(await outcome).toEqual({ ok: true, result: { applied: ['mail schema'] } });
});

test('a failure says why; asked again, another run begins', async () => {
  const by = runner();
  const first = begin(migrate(), by);
  await endPod(1, 'a0 is at epoch 1, not 2');
  await endJob('Failed');
  expect(await first.ended).toEqual({ ok: false, message: 'a0 is at epoch 1, not 2' });
  const [failed] = await found();
  const second = begin(migrate(), by);
  await running(failed?.metadata.uid);
  await endPod(0, '{"applied":[]}');
  expect(await second.ended).toEqual({ ok: true, result: { applied: [] } });
});

test('a restarted operator waits for the one that runs, and takes the result of a salvage that has ended', async () => {
  const before = begin(salvage());
  await running();
  const after = begin(salvage());
  await endPod(0, '{"messages":2}');
  const outcomes: readonly JobOutcome[] = await Promise.all([before.ended, after.ended]);
  expect(outcomes).toEqual([outcomes[0], outcomes[0]]);
  await endJob('Complete');
  expect(await begin(salvage()).ended).toEqual({ ok: true, result: { messages: 2 } });
  expect(await found()).toHaveLength(1);
});

test('a migration that has ended is done again: an image of the same name may know a later schema', async () => {
  const first = begin(migrate());
  const { uid } = (await running()).metadata;
  await endPod(0, '{"applied":["one"]}');
  await endJob('Complete');
  await first.ended;
  const second = begin(migrate());
  await running(uid);
  await endPod(0, '{"applied":["two"]}');
  expect(await second.ended).toEqual({ ok: true, result: { applied: ['two'] } });
});

test('one that ended well and whose words are lost runs again', async () => {
  const first = begin(salvage());
  const job = await running();
  await endJob('Complete');
  const second = begin(salvage());
  await running(job.metadata.uid);
  await endPod(0, '{"messages":0}');
  expect(await second.ended).toMatchObject({ ok: true });
  first.giveUp();
  await first.ended;
});

test('Jobs that run leave the connections of whoever runs them to others', async () => {
  const few = connect(server.kubeconfig, null, 2);
  const by = runner(few);
  const both = [begin(migrate(1), by), begin(migrate(2), by)];
  await vi.waitFor(async () => expect(await found()).toHaveLength(2), WITHIN);
  // What holds a connection takes it a moment after its Job was made.
  for (let i = 0; i < 10; i += 1) {
    const metadata = { namespace: 'default', name: `${users}-${i}` };
    expect(await few.create(configMaps, { metadata }, { deadlineMs: 2_000 })).toMatchObject({ ok: true });
    await sleep(50);
  }
  for (const each of both) each.giveUp();
  await Promise.all(both.map((each) => each.ended));
});

test('over a Job in the way that it may not delete the API server is asked a few times, not all the time', async () => {
  const old = jobObject({ partition: partition('u0'), job: migrate(), image: 'imapd:1', pods: podDefaults });
  await client.create(jobs, old as Stored<V1Job>);
  const { asked, client: powerless } = await mayNotDelete();
  const { ended: outcome, giveUp } = begin(migrate(), runner(powerless));
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(2), WITHIN);
  await sleep(2_000);
  giveUp();
  expect(await outcome).toMatchObject({ ok: false });
  expect(asked.length).toBeLessThan(20);
});

test('another epoch is another job', async () => {
  const both = [begin(migrate(1)), begin(migrate(2))];
  await vi.waitFor(async () => expect(await found()).toHaveLength(2), WITHIN);
  for (const each of both) each.giveUp();
  expect(await Promise.all(both.map((each) => each.ended))).toMatchObject([{ ok: false }, { ok: false }]);
});

test('given up, it is deleted', async () => {
  const { ended: outcome, giveUp } = begin(migrate());
  await running();
  giveUp();
  expect(await outcome).toEqual({ ok: false, message: 'the job was given up' });
  expect(await found()).toEqual([]);
});

test('what an earlier partition of the same name left is not waited for', async () => {
  const old = jobObject({ partition: partition('u0'), job: migrate(), image: 'imapd:1', pods: podDefaults });
  const made = await client.create(jobs, old as Stored<V1Job>);
  const { ended: outcome } = begin(migrate());
  await running(made.ok ? made.object.metadata.uid : '');
  await endPod(0, '{}');
  expect(await outcome).toEqual({ ok: true, result: {} });
});

test('a Job of that name that belongs to somebody else is left alone', async () => {
  const { metadata, ...rest } = jobObject({
    partition: partition('u0'),
    job: migrate(),
    image: 'imapd:1',
    pods: podDefaults,
  });
  const { name, namespace } = metadata;
  // Without labels of its own it would get those of its pods.
  await client.create(jobs, { ...rest, metadata: { name, namespace, labels: { theirs: 'yes' } } } as Stored<V1Job>);
  const { ended: outcome } = begin(migrate());
  expect(await outcome).toEqual({ ok: false, message: `Job default/${name} is not the operator's, and is left alone` });
  expect(await client.get(jobs, metadata)).toMatchObject({ metadata: { name } });
});

test('an API server that goes away for a while is waited out', async () => {
  const { ended: outcome } = begin(migrate());
  const pod = await podOf(await running());
  await server.interrupt();
  await server.resume();
  await show(pod, 'Succeeded', ended(0, '{"applied":[]}'));
  expect(await outcome).toEqual({ ok: true, result: { applied: [] } });
}, 120_000);

test('the API server takes the Job as it is, and its pod where only the restricted standard is let in', async () => {
  const ask = await apiClient(server.kubeconfig);
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await ask('/api/v1/namespaces', {
    method: 'POST',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'post', labels } },
  });
  const job = jobObject({ partition: testPartition(), job: salvage(), image: 'imapd:1', pods: podDefaults });
  const answer = await ask('/apis/batch/v1/namespaces/post/jobs?fieldValidation=Strict', { method: 'POST', body: job });
  expect(answer).toMatchObject({ status: 201, body: job });
  const { metadata, spec } = job.spec?.template ?? {};
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'job' }, spec };
  expect(await ask('/api/v1/namespaces/post/pods?fieldValidation=Strict', { method: 'POST', body: pod })).toMatchObject(
    {
      status: 201,
      body: pod,
    },
  );
});
