import { agentConfigurationSecret } from './agent-configuration-secret.ts';
import type { MemberInput } from './member-input.ts';
import { membersNetworkPolicy } from './members-network-policy.ts';
import { membersService, roleServices } from './services.ts';

/**
 * What a managed partition has whatever its members are doing, in the order in which to apply it. Pods and volumes are
 * not among it: they come and go one by one, as decided elsewhere; nor are the budgets of who may be evicted, which follow them,
 * nor the credentials, which are made once.
 */
export function partitionObjects(input: MemberInput) {
  const { partition, pods } = input;
  return [
    agentConfigurationSecret(input),
    membersNetworkPolicy(partition, pods),
    membersService(partition),
    ...roleServices(partition),
  ];
}
