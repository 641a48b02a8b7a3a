import { imapdAccess } from './access.ts';
import { configurationSecret } from './configuration-secret.ts';
import { imapService } from './imap-service.ts';
import { imapdDeployment } from './imapd-deployment.ts';
import { imapdDisruptionBudget } from './imapd-disruption-budget.ts';
import type { ImapdInput } from './imapd-input.ts';
import { imapdNetworkPolicy } from './imapd-network-policy.ts';
import { podsService } from './pods-service.ts';

/**
 * What an ImapCluster is made of, in the order in which to apply it: a pod never waits for what comes after it. Not among
 * it is what has a life of its own: routing document, credentials, keys; and the PodMonitor, whose kind may not exist.
 */
export function clusterObjects(input: ImapdInput) {
  const { cluster, pods } = input;
  const { account, role, binding } = imapdAccess(cluster);
  return [
    account,
    role,
    binding,
    configurationSecret(input),
    imapdNetworkPolicy(cluster, pods),
    podsService(cluster),
    imapService(cluster),
    imapdDisruptionBudget(cluster),
    imapdDeployment(input),
  ] as const;
}
