import type { Kubectl } from '../kubectl.ts';
import { corednsObjects } from './coredns.ts';
import { storageClass } from './storage-class.ts';

/** What a cluster needs beyond Kubernetes itself: names and volumes. */
export async function installAddons(kubectl: Kubectl, nodes: number): Promise<void> {
  const items = [...corednsObjects(nodes), storageClass()];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(['apply', '--server-side', '--filename=-'], { input });
}

const READY_SECONDS = 120;

/** Until every node takes pods, names resolve, and pods can be created in the default namespace. */
export async function waitUntilUsable(kubectl: Kubectl, nodes: readonly string[]): Promise<void> {
  const wait = async (words: readonly string[]): Promise<void> => {
    await kubectl(['wait', ...words, `--timeout=${READY_SECONDS}s`], { deadlineMs: (READY_SECONDS + 5) * 1_000 });
  };
  await wait(['--for=create', ...nodes.map((name) => `node/${name}`)]);
  await wait(['--for=condition=Ready', ...nodes.map((name) => `node/${name}`)]);
  await wait(['--for=create', 'serviceaccount/default', '--namespace=default']);
  await wait(['--for=condition=Available', 'deployment/coredns', '--namespace=kube-system']);
}
