import type { V1Secret } from '@kubernetes/client-node';
import type { Built } from '../objects/built.ts';
import { ownedMeta } from '../objects/owned-meta.ts';
import { jsonFile, secretData } from '../objects/secret-data.ts';
import { clusterNames } from './cluster-names.ts';
import { imapdConfiguration } from './imapd-configuration.ts';
import type { ImapdInput } from './imapd-input.ts';
import { imapdLabels } from './imapd-labels.ts';
import { CONFIGURATION_FILE, PUBLIC_KEYS_FILE } from './imapd-paths.ts';

/**
 * imapd's configuration. A Secret, for it holds the token of the admin ports. The public keys are a file of their own, which
 * running pods read again: replacing a key replaces no pod.
 */
export function configurationSecret(input: ImapdInput): Built<V1Secret> {
  const { cluster } = input;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: ownedMeta({
      owner: cluster,
      name: clusterNames(cluster).configuration,
      labels: imapdLabels(cluster),
    }),
    type: 'Opaque',
    data: secretData({
      [CONFIGURATION_FILE]: jsonFile(imapdConfiguration(input)),
      [PUBLIC_KEYS_FILE]: jsonFile(input.publicKeys),
    }),
  };
}
