import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { productName } from '#database/engine.ts';
import type { Cluster } from './clusters/cluster.ts';
import { connectCluster } from './clusters/connect-cluster.ts';
import { waitFor } from './clusters/process/wait-for.ts';
import { standIns } from './images/stand-ins.ts';
import { Crowd } from './support/crowd.ts';
import { helmUpgrade, installOperator, loadDatabaseImages, moveLeader } from './support/installation.ts';
import { kubectl } from './support/kubectl.ts';
import { KubectlImap } from './support/kubectl-imap.ts';
import { MailCluster } from './support/mail-cluster.ts';
import type { PodObject } from './support/objects.ts';
import { report } from './support/report.ts';

/**
 * Promise: partitions on MariaDB and on MySQL, side by side under one cluster, keep what those on PostgreSQL are held to in the
 * files beside this one: a primary that is killed, that hangs, whose pod is deleted, whose node's cable is pulled or whose node is gone is
 * replaced; who returns follows again, what it alone had is salvaged; no session is dropped, nothing acknowledged is lost. Whatever
 * happens happens to both at the same moment.
 * Budget: 6 minutes; each fault what it may cost on PostgreSQL.
 */
const ENGINES = ['mariadb', 'mysql'] as const;
type EngineHere = (typeof ENGINES)[number];
const partitionOn = (engine: EngineHere): string => `on-${engine}`;

const REPLACED_AFTER_SECONDS = 10;
const REPLACED_WITHIN_MS = 240_000;
const FIRST_WRITE_MS = 90_000;
const SETUP_MS = 600_000;
const RUN_MS = 480_000;

let cluster: Cluster;
let mail: MailCluster;
let plugin: KubectlImap;
/** Nodes that a test has taken away, and how they come back. */
let away: { readonly node: string; readonly comesBack: (node: string) => Promise<void> } | null = null;

beforeAll(async () => {
  cluster = await connectCluster();
  await installOperator(cluster);
  await Promise.all([
    loadDatabaseImages(cluster, ENGINES),
    helmUpgrade([`members.replaceLostAfterSeconds=${REPLACED_AFTER_SECONDS}`]),
  ]);
  const slots = { mariadb: ['0-511'], mysql: ['512-1023'] };
  mail = await MailCluster.create({
    namespace: 'e2e-engines',
    replicas: 2,
    partitions: ENGINES.map((engine) => ({ name: partitionOn(engine), engine, slots: slots[engine] })),
  });
  plugin = await KubectlImap.install(mail.namespace);
}, SETUP_MS);

afterEach(async () => {
  await comeBack();
  await mail.untilReady();
}, 300_000);

afterAll(async () => {
  await plugin[Symbol.asyncDispose]();
  await mail.remove();
  await helmUpgrade();
}, SETUP_MS);

async function comeBack(): Promise<void> {
  await away?.comesBack(away.node);
  away = null;
}

type Primary = { readonly engine: EngineHere; readonly pod: PodObject };

const primaries = async (): Promise<readonly Primary[]> =>
  await Promise.all(ENGINES.map(async (engine) => ({ engine, pod: await mail.primary(partitionOn(engine)) })));

type Fault = {
  /** For the figures: "kill -9". */
  readonly what: string;
  readonly users: string;
  readonly budgetMs: number;
  readonly promise?: string;
  readonly avoidNode?: string;
  /** They serve on until others can take over: what counts is the pause in between. */
  readonly planned?: boolean;
  readonly happens: (primaries: readonly Primary[]) => Promise<unknown>;
};

/** Under people at work, until every partition takes writes again. */
async function strike({ what, users, budgetMs, promise, avoidNode, planned = false, happens }: Fault) {
  const before = await primaries();
  const mix = { idle: 4, list: 2, read: 4, write: 6, ...(avoidNode === undefined ? {} : { avoidNode }) };
  const crowd = await Crowd.gather(mail, await mail.someUsers(users), mix);
  const at = performance.now();
  await happens(before);
  for (const engine of ENGINES) {
    const until = await crowd.firstWriteAfter(at, partitionOn(engine), FIRST_WRITE_MS);
    const ms = planned ? crowd.longestPause(at, partitionOn(engine)) : until;
    const measured = planned ? 'longest time without an acknowledged write' : 'first acknowledged write';
    const figure = { what: `${productName[engine]}: ${what} → ${measured}`, value: ms, unit: 'ms' };
    await report({ ...figure, ...(promise === undefined ? {} : { promise }) });
    expect(ms).toBeLessThan(budgetMs);
  }
  return { before, crowd, at };
}

/** Others are the primaries, and who was one before is whole again behind them. */
async function untilReplaced(before: readonly Primary[]): Promise<void> {
  for (const { engine, pod } of before) await mail.untilTakenOver(partitionOn(engine), pod.metadata.name);
}

const signal = async (before: readonly Primary[], name: 'SIGKILL' | 'SIGSTOP'): Promise<void> => {
  const sent = before.map(({ engine, pod }) =>
    cluster.faults.signalInPod(pod.metadata.uid, standIns[engine].process, name),
  );
  expect(await Promise.all(sent)).toEqual([1, 1]);
};

test.for([
  { what: 'kill -9', users: 'kill', budgetMs: 10_000, promise: '≤ 1000', name: 'SIGKILL' },
  { what: 'hang', users: 'hang', budgetMs: 15_000, promise: '≤ 5000', name: 'SIGSTOP' },
] as const)('$what of the servers of both primaries', { timeout: RUN_MS }, async ({ name, ...fault }, { skip }) => {
  if (cluster.cannot('signalInPod') !== null) return skip(cluster.cannot('signalInPod') ?? '');
  const { before, crowd } = await strike({ ...fault, happens: async (all) => await signal(all, name) });
  await untilReplaced(before);
  for (const engine of ENGINES)
    expect((await mail.partition(partitionOn(engine))).status?.lastFailover?.kind).toBe('Failover');
  await crowd.untilWritten(20);
  await crowd.verdict();
});

test(
  'the pods of both primaries are deleted: planned changes, and both pods are made anew',
  async () => {
    const words = [`--namespace=${mail.namespace}`, '--wait=false'];
    const { before, crowd } = await strike({
      ...{ what: 'kubectl delete pod', users: 'delete', budgetMs: 15_000, planned: true },
      happens: async (all) => {
        await kubectl(['delete', ...all.map(({ pod }) => `pod/${pod.metadata.name}`), ...words]);
        await untilReplaced(all);
      },
    });
    for (const { engine, pod } of before) {
      expect((await mail.pod(pod.metadata.name)).metadata.uid).not.toBe(pod.metadata.uid);
      const { status } = await mail.partition(partitionOn(engine));
      expect(status?.lastFailover?.kind).toBe('Switchover');
    }
    await crowd.untilWritten(10);
    await crowd.verdict();
  },
  RUN_MS,
);

/** By planned changes all primaries come to the node of the first one. Returns that node. */
async function onOneNode(): Promise<string> {
  const [first, ...others] = await primaries();
  const node = first?.pod.spec.nodeName ?? '';
  const pods = await mail.pods('database');
  for (const { engine, pod } of others) {
    if (pod.spec.nodeName === node) continue;
    const isThere = ({ metadata, spec }: PodObject): boolean =>
      spec.nodeName === node && metadata.labels['imapcluster.io/partition'] === partitionOn(engine);
    const to = pods.find(isThere)?.metadata.name;
    if (to === undefined) throw new Error(`${node} has no member of ${partitionOn(engine)}`);
    await plugin.run(['switchover', partitionOn(engine), '--to', to]);
    await mail.untilTakenOver(partitionOn(engine), pod.metadata.name);
  }
  return node;
}

test(
  'the network is cut under both primaries, which fence themselves and follow again once they are back',
  async ({ skip }) => {
    if (cluster.cannot('cutNetwork') !== null) return skip(cluster.cannot('cutNetwork') ?? '');
    const node = await onOneNode();
    await moveLeader((at) => at !== node);
    const { before, crowd } = await strike({
      ...{ what: 'network cut', users: 'cut', budgetMs: 40_000, promise: '≤ 6000', avoidNode: node },
      happens: async () => {
        away = { node, comesBack: async (at) => await cluster.faults.healNetwork(at) };
        await cluster.faults.cutNetwork(node);
      },
    });
    await comeBack();
    await untilReplaced(before);
    await crowd.untilWritten(10);
    await crowd.verdict();
  },
  RUN_MS,
);

const membersOf = async (engine: EngineHere): Promise<readonly string[]> =>
  (await mail.partition(partitionOn(engine))).status?.members?.map(({ name }) => name) ?? [];

test(
  'the node of both primaries is gone: other members are copied in their place, and stay when it is back',
  async ({ skip }) => {
    if (cluster.cannot('powerOff') !== null) return skip(cluster.cannot('powerOff') ?? '');
    const node = await onOneNode();
    const { before, crowd, at } = await strike({
      ...{ what: "power of a primary's node lost", users: 'lost', budgetMs: 40_000, avoidNode: node },
      happens: async () => {
        away = { node, comesBack: async (lost) => await cluster.faults.powerOn(lost) };
        await cluster.faults.powerOff(node);
      },
    });
    for (const { engine, pod } of before) {
      const replaced = async (): Promise<boolean> => {
        const now = await membersOf(engine);
        return now.length === 3 && !now.includes(pod.metadata.name);
      };
      const what = `another member of ${partitionOn(engine)}`;
      await waitFor(replaced, { what, deadlineMs: REPLACED_WITHIN_MS, everyMs: 500 });
      await mail.untilHealthy(partitionOn(engine));
      const seconds = Math.round((performance.now() - at) / 1_000);
      await report({ what: `${productName[engine]}: node lost → whole without it`, value: seconds, unit: 's' });
    }
    const whole = await Promise.all(ENGINES.map(membersOf));
    await comeBack();
    await mail.untilReady();
    expect(await Promise.all(ENGINES.map(membersOf))).toEqual(whole);
    await crowd.untilWritten(10);
    await crowd.verdict();
  },
  RUN_MS,
);
