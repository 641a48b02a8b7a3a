import type { V1Secret } from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { roles } from '#database/roles.ts';
import type { Built } from '../objects/built.ts';
import { ownedMeta } from '../objects/owned-meta.ts';
import { secretData } from '../objects/secret-data.ts';
import { signInFile } from '../objects/sign-in-file.ts';
import { clusterNames } from './cluster-names.ts';
import { imapdLabels } from './imapd-labels.ts';

/**
 * How imapd signs in to each database: `PARTITION.json`, `{user, password}`. One Secret for all partitions, not a volume
 * each: a volume more would be another pod template, and every new partition would end all sessions.
 *
 * @param passwords of the mail role, by name of the partition
 * @param others while a password is replaced, the next or the last one: imapd tries it where the first is refused
 */
export function credentialsSecret(
  cluster: ImapCluster,
  passwords: ReadonlyMap<string, string>,
  others: ReadonlyMap<string, string> = new Map(),
): Built<V1Secret> {
  const files = [...passwords].map(([partition, password]) => {
    const file = signInFile({ user: roles.mail, password, other: others.get(partition) });
    return [`${partition}.json`, file] as const;
  });
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: ownedMeta({ owner: cluster, name: clusterNames(cluster).credentials, labels: imapdLabels(cluster) }),
    type: 'Opaque',
    data: secretData(Object.fromEntries(files)),
  };
}
