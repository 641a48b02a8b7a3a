import { kubectlApply } from './kubectl.ts';

/** A namespace that admits no pod below the restricted Pod Security Standard: all that the chart and the operator make are above. */
export async function makeNamespace(name: string): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await kubectlApply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }]);
}
