import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Cluster, FaultName } from './clusters/cluster.ts';
import { connectCluster } from './clusters/connect-cluster.ts';
import { isWrite, readAuditLog } from './clusters/local/control-plane/audit-log.ts';
import { waitFor } from './clusters/process/wait-for.ts';
import { kubectl, kubectlApply, kubectlGet } from './support/kubectl.ts';
import { NODE_IMAGE, writeNodeImage } from './support/node-image.ts';

/**
 * Promise: the cluster that the other tests run on is a real one. Pods run on every node, names resolve, Services reach
 * across nodes, volumes bind and grow, and each fault of the provider does what its name says and can be undone.
 * Budget: 2 minutes, one of them for the node that is given up and comes back.
 */
const NAMESPACE = 'cluster-test';
const NODE_LOST_MS = 110_000;
const MINUTE_MS = 60_000;
const FAULT_MS = 240_000;

type Pod = {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly nodeName: string };
  readonly status: {
    readonly podIP?: string;
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
};
type List<T> = { readonly items: readonly T[] };
type Volume = { readonly status: { readonly phase: string; readonly capacity?: { readonly storage: string } } };

let cluster: Cluster;
let echoes: readonly Pod[];

beforeAll(async () => {
  cluster = await connectCluster();
  if (cluster.provider !== 'local') return;
  const archive = join(tmpdir(), `imapcluster-node-${process.pid}.tar`);
  await writeNodeImage(archive);
  await cluster.loadImage(archive);
  await rm(archive);
  await kubectl(['create', 'namespace', NAMESPACE]);
  await kubectlApply([echoDaemonSet(), echoService()]);
  await kubectl(['rollout', 'status', 'daemonset/echo', `--namespace=${NAMESPACE}`, '--timeout=120s'], {
    deadlineMs: 2 * MINUTE_MS,
  });
  echoes = await echoPods();
}, 4 * MINUTE_MS);

beforeEach(({ skip }) => {
  if (cluster.provider !== 'local') skip('only of the clusters that are built here do we promise anything');
});

afterAll(async () => {
  if (cluster.provider !== 'local') return;
  await kubectl(['delete', 'namespace', NAMESPACE, '--wait=false'], { deadlineMs: 2 * MINUTE_MS });
}, 2 * MINUTE_MS);

const possible = (...names: readonly FaultName[]): boolean => names.every((name) => cluster.cannot(name) === null);

test('a pod runs on every node', () => {
  expect(echoes.map(({ spec }) => spec.nodeName).toSorted()).toEqual(cluster.nodes.map(({ name }) => name).toSorted());
});

test('each node is a zone', async ({ skip }) => {
  if (cluster.provider === 'kubeconfig') return skip('the zones of a cluster of the user are what they are');
  const { items } = await kubectlGet<List<{ metadata: { labels: Record<string, string | undefined> } }>>(['nodes']);
  const zones = items.map(({ metadata }) => metadata.labels['topology.kubernetes.io/zone']);
  expect(new Set(zones.filter((zone) => zone !== undefined)).size).toBe(cluster.nodes.length);
});

test('a name of the cluster resolves in a pod; any other does not, and at once', async () => {
  const address = await inPod(
    `require('dns').promises.lookup('echo.${NAMESPACE}.svc.cluster.local').then(a => console.log(a.address))`,
  );
  const service = await kubectlGet<{ spec: { clusterIP: string } }>(['service', 'echo', `--namespace=${NAMESPACE}`]);
  expect(address.trim()).toBe(service.spec.clusterIP);
  const code = await inPod(`require('dns').promises.lookup('nobody.example').catch(e => console.log(e.code))`);
  expect(code.trim()).toBe('ENOTFOUND');
});

test('a Service reaches the pods of all nodes from any pod', async () => {
  const asked = `Promise.all(Array.from({ length: 60 }, () => fetch('http://echo', { headers: { connection: 'close' } }).then(r => r.text()))).then(a => console.log([...new Set(a)].sort().join()))`;
  expect((await inPod(asked)).trim()).toBe(
    cluster.nodes
      .map(({ name }) => name)
      .toSorted()
      .join(),
  );
});

test('tests reach a ClusterIP themselves where the cluster is local', async ({ skip }) => {
  if (cluster.provider !== 'local') return skip('the addresses of another cluster are out of reach');
  const service = await kubectlGet<{ spec: { clusterIP: string } }>(['service', 'echo', `--namespace=${NAMESPACE}`]);
  const answer = await fetch(`http://${service.spec.clusterIP}`, { signal: AbortSignal.timeout(10_000) });
  expect(cluster.nodes.map(({ name }) => name)).toContain(await answer.text());
});

test(
  'a volume binds where its pod is, belongs to the group of the pod, grows, and goes with its claim',
  async () => {
    // Of a try before; a volume does not shrink.
    await removeWriter();
    await kubectlApply([claim('1Gi'), volumePod()]);
    await wait('Ready', 'pod/writer', 90);
    const group = await kubectl([...exec('writer'), 'console.log(require("fs").statSync("/data/kept").gid)']);
    expect(group.trim()).toBe('4000');
    await kubectlApply([claim('2Gi')]);
    const grown = async (): Promise<boolean> =>
      (await kubectlGet<Volume>(['pvc', 'data', `--namespace=${NAMESPACE}`])).status.capacity?.storage === '2Gi';
    await waitFor(grown, { what: 'a volume of 2Gi', deadlineMs: MINUTE_MS, everyMs: 500 });
    const before = await volumesOfClass();
    await removeWriter();
    const gone = async (): Promise<boolean> => (await volumesOfClass()) === before - 1;
    await waitFor(gone, { what: 'the end of the volume', deadlineMs: MINUTE_MS, everyMs: 500 });
  },
  FAULT_MS,
);

test('a process of a pod can be killed: the container is started again', async ({ skip }) => {
  if (!possible('signalInPod')) return skip(cluster.cannot('signalInPod') ?? '');
  const [pod] = echoes;
  expect(await cluster.faults.signalInPod(pod?.metadata.uid ?? '', 'node', 'SIGKILL')).toBeGreaterThan(0);
  const restarted = async (): Promise<boolean> =>
    ((await echoPods()).find(({ metadata }) => metadata.name === pod?.metadata.name)?.status.containerStatuses?.[0]
      ?.restartCount ?? 0) > 0;
  await waitFor(restarted, { what: 'a restart', deadlineMs: MINUTE_MS, everyMs: 500 });
});

test('an outage of the API server: nobody answers, then everything is there as before', async ({ skip }) => {
  if (!possible('stopApiServer', 'startApiServer')) return skip(cluster.cannot('stopApiServer') ?? '');
  await cluster.faults.stopApiServer();
  await expect(kubectl(['get', 'nodes', '--request-timeout=2s'])).rejects.toThrow(/refused|timeout/i);
  await cluster.faults.startApiServer();
  expect(await echoPods()).toHaveLength(cluster.nodes.length);
});

// Side by side, since Kubernetes takes its time to notice either.
describe.concurrent('lost nodes', () => {
  test(
    'a node whose network is cut is given up, and comes back when it is healed',
    async ({ skip }) => {
      if (!possible('cutNetwork', 'healNetwork')) return skip(cluster.cannot('cutNetwork') ?? '');
      const node = cluster.nodes.at(-1)?.name ?? '';
      await cluster.faults.cutNetwork(node);
      try {
        await nodeCondition(node, 'Unknown');
      } finally {
        await cluster.faults.healNetwork(node);
      }
      await nodeCondition(node, 'True');
    },
    FAULT_MS,
  );

  test(
    'a node without power is given up; with power again it runs its pods again',
    async ({ skip }) => {
      if (!possible('powerOff', 'powerOn')) return skip(cluster.cannot('powerOff') ?? '');
      const node = cluster.nodes.at(-2)?.name ?? '';
      await cluster.faults.powerOff(node);
      try {
        await nodeCondition(node, 'Unknown');
      } finally {
        await cluster.faults.powerOn(node);
      }
      await nodeCondition(node, 'True');
      await kubectl(['rollout', 'status', 'daemonset/echo', `--namespace=${NAMESPACE}`, '--timeout=90s'], {
        deadlineMs: 2 * MINUTE_MS,
      });
    },
    FAULT_MS,
  );
});

test(
  'a kubelet can be hung and woken, and comes back when it is killed',
  async ({ skip }) => {
    if (!possible('signalDaemon')) return skip(cluster.cannot('signalDaemon') ?? '');
    const node = cluster.nodes[0]?.name ?? '';
    const healthz = ['get', '--raw', `/api/v1/nodes/${node}/proxy/healthz`, '--request-timeout=3s'];
    await cluster.faults.signalDaemon(node, 'kubelet', 'SIGSTOP');
    await expect(kubectl(healthz)).rejects.toThrow();
    await cluster.faults.signalDaemon(node, 'kubelet', 'SIGCONT');
    expect(await kubectl(healthz)).toBe('ok');
    await cluster.faults.signalDaemon(node, 'kubelet', 'SIGKILL');
    const back = async (): Promise<boolean> => (await kubectl(healthz)) === 'ok';
    await waitFor(back, { what: 'the kubelet', deadlineMs: MINUTE_MS, everyMs: 500 });
  },
  FAULT_MS,
);

test('the audit log tells who wrote what', async ({ skip }) => {
  if (cluster.auditLog === null) return skip('no audit log here');
  const events = await readAuditLog(cluster.auditLog);
  const creations = events.filter(
    (event) => isWrite(event) && event.objectRef?.resource === 'namespaces' && event.objectRef.name === NAMESPACE,
  );
  expect(creations[0]).toMatchObject({ verb: 'create', user: { username: 'admin' } });
});

const exec = (pod: string): readonly string[] => ['exec', pod, `--namespace=${NAMESPACE}`, '--', 'node', '-e'];

/** Runs a script of Node in the first pod; returns what it prints. */
async function inPod(script: string): Promise<string> {
  return await kubectl([...exec(echoes[0]?.metadata.name ?? ''), script]);
}

async function echoPods(): Promise<readonly Pod[]> {
  return (await kubectlGet<List<Pod>>(['pods', `--namespace=${NAMESPACE}`, '--selector=app=echo'])).items;
}

async function removeWriter(): Promise<void> {
  const words = ['delete', 'pod/writer', 'pvc/data', `--namespace=${NAMESPACE}`, '--ignore-not-found'];
  await kubectl([...words, '--grace-period=1'], { deadlineMs: MINUTE_MS });
}

async function volumesOfClass(): Promise<number> {
  return (await kubectlGet<List<unknown>>(['pv'])).items.length;
}

async function wait(condition: string, what: string, seconds: number): Promise<void> {
  await kubectl(['wait', `--for=condition=${condition}`, what, `--namespace=${NAMESPACE}`, `--timeout=${seconds}s`], {
    deadlineMs: (seconds + 5) * 1_000,
  });
}

async function nodeCondition(node: string, status: 'True' | 'Unknown'): Promise<void> {
  const seconds = NODE_LOST_MS / 1_000;
  await kubectl(['wait', `--for=condition=Ready=${status}`, `node/${node}`, `--timeout=${seconds}s`], {
    deadlineMs: NODE_LOST_MS + 5_000,
  });
}

function echoDaemonSet(): object {
  const labels = { app: 'echo' };
  const server = `require('http').createServer((q, r) => r.end(process.env.NODE)).listen(8080)`;
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'echo', namespace: NAMESPACE },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              ...container(server),
              env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
              readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  };
}

function echoService(): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'echo', namespace: NAMESPACE },
    spec: { selector: { app: 'echo' }, ports: [{ port: 80, targetPort: 8080 }] },
  };
}

function claim(storage: string): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: NAMESPACE },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
  };
}

function volumePod(): object {
  const script = `require('fs').writeFileSync('/data/kept', 'x'); setInterval(() => 0, 1e6)`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'writer', namespace: NAMESPACE },
    spec: {
      terminationGracePeriodSeconds: 1,
      securityContext: { fsGroup: 4000 },
      containers: [{ ...container(script), volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    },
  };
}

function container(script: string): object {
  return { name: 'node', image: NODE_IMAGE, imagePullPolicy: 'Never', args: ['-e', script] };
}
