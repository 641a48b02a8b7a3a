import type { V1Secret } from '@kubernetes/client-node';
import type { Built } from '../../objects/built.ts';
import { ownedMeta } from '../../objects/owned-meta.ts';
import { jsonFile, secretData } from '../../objects/secret-data.ts';
import { memberConfiguration } from './member-configuration.ts';
import type { MemberInput } from './member-input.ts';
import { partitionLabels } from './member-labels.ts';
import { AGENT_FILE, PUBLIC_KEYS_FILE } from './member-paths.ts';
import { partitionNames } from './partition-names.ts';

/**
 * Configuration of the agents of a partition. A Secret, for it holds the token of their API. The public keys are a file of
 * their own, which running agents read again: replacing a key replaces no pod.
 */
export function agentConfigurationSecret(input: MemberInput): Built<V1Secret> {
  const { partition } = input;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: ownedMeta({
      owner: partition,
      name: partitionNames(partition).configuration,
      labels: partitionLabels(partition),
    }),
    type: 'Opaque',
    data: secretData({
      [AGENT_FILE]: jsonFile(memberConfiguration(input)),
      [PUBLIC_KEYS_FILE]: jsonFile(input.operatorKeys),
    }),
  };
}
