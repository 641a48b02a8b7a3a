import { join } from 'node:path';
import type { Engine } from '#database/engine.ts';
import { IMAGE_KEY } from '#operator/partition/objects/database-image.ts';
import type { Cluster } from '../clusters/cluster.ts';
import { isLocal } from '../clusters/is-local.ts';
import { runCommand } from '../clusters/process/run-command.ts';
import { waitFor } from '../clusters/process/wait-for.ts';
import { ensureDatabaseImages } from '../images/database-images.ts';
import { programImages } from '../images/program-images.ts';
import { imageRegistry } from '../images/registry.ts';
import { standIns } from '../images/stand-ins.ts';
import { kubectl, kubectlGet } from './kubectl.ts';
import { makeNamespace } from './make-namespace.ts';

/** Where the operator of the tests lives. */
export const OPERATOR_NAMESPACE = 'imapcluster-system';
export const RELEASE = 'imapcluster';
const CHART = join(import.meta.dirname, '..', '..', 'charts', 'imapcluster');
const INSTALL_MS = 240_000;
/**
 * Kubelets of a local cluster look every 10 s for what changed in a Secret, others each minute (docs/guides/local-cluster.md): a third of
 * what the chart waits.
 */
const FOR_LOCAL_KUBELETS = ['keys.rotationGraceSeconds=40'];

/**
 * The operator by its chart, as the README installs it, with the images of this checkout on every node. Done by the first
 * test file of a run; the others find it.
 */
export async function installOperator(cluster: Cluster): Promise<void> {
  if (await isInstalled()) return;
  const { operator, others } = await images(cluster);
  for (const archive of operator) await cluster.loadImage(archive);
  await makeNamespace(OPERATOR_NAMESPACE);
  // An operator that starts is mostly waited for.
  const loading = (async () => {
    for (const archive of others) await cluster.loadImage(archive);
  })();
  await Promise.all([helmUpgrade(), loading]);
}

/** `helm upgrade --install`, with further values as `--set` takes them. */
export async function helmUpgrade(settings: readonly string[] = []): Promise<void> {
  const values = [
    `images.registry=${imageRegistry()}`,
    'images.pullPolicy=IfNotPresent',
    ...Object.entries(IMAGE_KEY).flatMap(([engine, key]) => {
      const { image, majorVersion } = standIns[engine as Engine];
      return [`images.${key}.image=${image}`, `images.${key}.majorVersion=${majorVersion}`];
    }),
    ...(isLocal() ? FOR_LOCAL_KUBELETS : []),
    ...settings,
  ];
  await runCommand(
    [
      'helm',
      'upgrade',
      '--install',
      RELEASE,
      CHART,
      `--namespace=${OPERATOR_NAMESPACE}`,
      '--create-namespace',
      '--wait',
      '--timeout=200s',
      ...values.map((value) => `--set=${value}`),
    ],
    { deadlineMs: INSTALL_MS },
  );
}

async function isInstalled(): Promise<boolean> {
  const releases = await runCommand(['helm', 'list', `--namespace=${OPERATOR_NAMESPACE}`, '--deployed', '--short']);
  return releases.split('\n').includes(RELEASE);
}

type Archives = { readonly operator: readonly string[]; readonly others: readonly string[] };

/** A cluster of the user pulls its images from where the user has put them. */
async function images(cluster: Cluster): Promise<Archives> {
  if (cluster.provider === 'kubeconfig') return { operator: [], others: [] };
  const [{ operator, ...programs }, databases] = await Promise.all([
    programImages(),
    ensureDatabaseImages('postgresql'),
  ]);
  return { operator: [operator], others: [...Object.values(programs), ...databases] };
}

/** For those that need them: databases on other engines than PostgreSQL, some 200 MiB each on every node. */
export async function loadDatabaseImages(cluster: Cluster, engines: readonly Engine[]): Promise<void> {
  if (cluster.provider === 'kubeconfig') return;
  for (const engine of engines) {
    for (const archive of await ensureDatabaseImages(engine)) await cluster.loadImage(archive);
  }
}

export type Leader = { readonly pod: string; readonly node: string };

const LED_MS = 30_000;

/** Who leads, by the Lease; waits for one where nobody does, or where it died and the Lease has not run out yet. */
export async function operatorLeader(): Promise<Leader> {
  let leader: Leader | null = null;
  const leads = async (): Promise<boolean> => {
    leader = await leaderNow();
    return true;
  };
  await waitFor(leads, { what: 'somebody leads', deadlineMs: LED_MS, everyMs: 250 });
  return leader ?? (await leaderNow());
}

/** @throws Error where nobody leads */
async function leaderNow(): Promise<Leader> {
  const lease = await kubectlGet<{ spec: { holderIdentity?: string | null } }>([
    `lease/${RELEASE}-operator`,
    `--namespace=${OPERATOR_NAMESPACE}`,
  ]);
  const pod = (lease.spec.holderIdentity ?? '').split('_')[0] ?? '';
  if (pod === '') throw new Error('nobody leads');
  const { spec } = await kubectlGet<{ spec: { nodeName: string } }>([
    `pod/${pod}`,
    `--namespace=${OPERATOR_NAMESPACE}`,
  ]);
  return { pod, node: spec.nodeName };
}

/** Deletes leaders until one leads on a node that will do. Each hands over in order. */
export async function moveLeader(willDo: (node: string) => boolean): Promise<Leader> {
  for (let tries = 0; tries < 12; tries += 1) {
    const { pod, node } = await operatorLeader();
    if (willDo(node)) return { pod, node };
    const closed = await nodesToClose(node, willDo);
    // No cordon: from a node that has one, primaries are taken away.
    if (closed.length > 0) await kubectl(['taint', 'nodes', ...closed, `${TAINT}=:NoSchedule`, '--overwrite']);
    try {
      await kubectl(['delete', `pod/${pod}`, `--namespace=${OPERATOR_NAMESPACE}`], { deadlineMs: 60_000 });
      await untilOperatorWhole();
    } finally {
      if (closed.length > 0) await kubectl(['taint', 'nodes', ...closed, `${TAINT}-`]);
    }
  }
  throw new Error('no leader came to a node where the test wants it');
}

const TAINT = 'imapcluster.io/closed-by-a-test';

/**
 * Where the pod that comes in place of the leader is not to be. The other replica leads next: as long as it is where nobody wants it
 * the new pod goes to where it is wanted, and afterwards to a node of its own.
 */
async function nodesToClose(leader: string, willDo: (node: string) => boolean): Promise<readonly string[]> {
  const { items: nodes } = await kubectlGet<{ items: readonly { metadata: { name: string } }[] }>(['nodes']);
  const selector = '--selector=app.kubernetes.io/name=imapcluster-operator';
  const { items: pods } = await kubectlGet<{ items: readonly { spec: { nodeName?: string } }[] }>([
    'pods',
    `--namespace=${OPERATOR_NAMESPACE}`,
    selector,
  ]);
  const taken = new Set([leader, ...pods.flatMap(({ spec }) => spec.nodeName ?? [])]);
  const isNextWanted = [...taken].some((node) => node !== leader && willDo(node));
  const names = nodes.map(({ metadata }) => metadata.name);
  const closed = names.filter((name) => taken.has(name) || !(isNextWanted || willDo(name)));
  return closed.length < names.length ? closed : [];
}

/** Every replica is ready. */
export async function untilOperatorWhole(): Promise<void> {
  const deployment = `deployment/${RELEASE}-operator`;
  await kubectl(['rollout', 'status', deployment, `--namespace=${OPERATOR_NAMESPACE}`, '--timeout=90s'], {
    deadlineMs: 100_000,
  });
}
