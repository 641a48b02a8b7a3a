import type { V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { type SecretReference, secretReferences } from '#crds/secret-references.ts';
import type { Wire } from '../kubernetes/api/resource.ts';
import { clusterNames } from './cluster-names.ts';
import { IMAPD_PATH } from './imapd-paths.ts';

/** Read by owner and group, which the pod's `fsGroup` makes imapd a member of. */
const PRIVATE = 0o440;
const PUBLIC = 0o444;

type Volume = Wire<V1Volume>;
type Mounted = { readonly volume: Volume; readonly path: string };

const VOLUME = {
  tls: 'tls',
  issuerAuthority: 'issuer-authority',
  clientAuthority: 'client-authority',
} as const satisfies Record<SecretReference['use'], string>;

function mounted(cluster: ImapCluster): readonly Mounted[] {
  const names = clusterNames(cluster);
  const secret = (name: string, secretName: string, optional: boolean): Volume => ({
    name,
    secret: { secretName, defaultMode: PRIVATE, optional },
  });
  const always: readonly Mounted[] = [
    { volume: secret('configuration', names.configuration, false), path: IMAPD_PATH.configuration },
    // Before the first partition is up there is neither a document nor a password; a pod without them waits for a push.
    { volume: secret('credentials', names.credentials, true), path: IMAPD_PATH.credentials },
    {
      volume: { name: 'routing', configMap: { name: names.routing, defaultMode: PUBLIC, optional: true } },
      path: IMAPD_PATH.routing,
    },
  ];
  const named = secretReferences(cluster).map(({ use, name }) => ({
    volume: secret(VOLUME[use], name, false),
    path: IMAPD_PATH[use],
  }));
  return [...always, ...named];
}

export const imapdVolumes = (cluster: ImapCluster): Volume[] => mounted(cluster).map(({ volume }) => volume);

export const imapdMounts = (cluster: ImapCluster): V1VolumeMount[] =>
  mounted(cluster).map(({ volume, path }) => ({ name: volume.name, mountPath: path, readOnly: true }));
