import type { V1PersistentVolume, V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { PROVISIONER } from '../addons/storage-class.ts';
import { quantity } from './quantity.ts';

/** What is to be done for one claim or volume of our class. */
export type VolumeAction =
  /** A claim that the scheduler has given a node gets a folder there. */
  | { readonly kind: 'create'; readonly claim: V1PersistentVolumeClaim; readonly node: string; readonly volume: string }
  /** A claim asks for more than its volume says it holds. */
  | { readonly kind: 'grow'; readonly claim: V1PersistentVolumeClaim; readonly volume: string; readonly size: string }
  /** The claim is gone and with it the reason to keep the folder. */
  | { readonly kind: 'remove'; readonly volume: V1PersistentVolume };

/** Set by the scheduler and by the controller manager. */
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const WANTED_PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

/** Pure. */
export function decideVolumes(
  claims: readonly V1PersistentVolumeClaim[],
  volumes: readonly V1PersistentVolume[],
): readonly VolumeAction[] {
  const byName = new Map(volumes.map((volume) => [volume.metadata?.name, volume]));
  const ours = claims.filter(({ metadata }) => metadata?.annotations?.[WANTED_PROVISIONER] === PROVISIONER);
  return [
    ...ours.flatMap((claim) => forClaim(claim, byName)),
    ...volumes.filter(isAbandoned).map((volume): VolumeAction => ({ kind: 'remove', volume })),
  ];
}

type Volumes = ReadonlyMap<string | undefined, V1PersistentVolume>;

function forClaim(claim: V1PersistentVolumeClaim, volumes: Volumes): readonly VolumeAction[] {
  if (claim.metadata?.deletionTimestamp !== undefined) return [];
  const bound = claim.spec?.volumeName;
  if (bound !== undefined && bound !== '') return growth(claim, volumes.get(bound));
  const node = claim.metadata?.annotations?.[SELECTED_NODE];
  const volume = `pvc-${claim.metadata?.uid}`;
  // Created already; the controller manager has yet to bind it.
  if (node === undefined || volumes.has(volume)) return [];
  return [{ kind: 'create', claim, node, volume }];
}

function growth(claim: V1PersistentVolumeClaim, volume: V1PersistentVolume | undefined): readonly VolumeAction[] {
  const size = claim.spec?.resources?.requests?.storage;
  if (volume === undefined || size === undefined || claim.status?.phase !== 'Bound') return [];
  const held = [volume.spec?.capacity?.storage, claim.status.capacity?.storage].map((text) => quantity(text ?? '0'));
  if (held.every((bytes) => bytes >= quantity(size))) return [];
  return [{ kind: 'grow', claim, volume: volume.metadata?.name ?? '', size }];
}

function isAbandoned({ metadata, spec, status }: V1PersistentVolume): boolean {
  return (
    metadata?.annotations?.[PROVISIONED_BY] === PROVISIONER &&
    metadata.deletionTimestamp === undefined &&
    spec?.persistentVolumeReclaimPolicy === 'Delete' &&
    status?.phase === 'Released'
  );
}

/** The volume object of a `create`. `local`, not `hostPath`: only that gets its owner from the pod's fsGroup. */
export function newVolume(
  { claim, node, volume }: Extract<VolumeAction, { kind: 'create' }>,
  path: string,
): V1PersistentVolume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volume, annotations: { [PROVISIONED_BY]: PROVISIONER } },
    spec: {
      accessModes: claim.spec?.accessModes ?? ['ReadWriteOnce'],
      capacity: { storage: claim.spec?.resources?.requests?.storage ?? '1Gi' },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        name: claim.metadata?.name ?? '',
        namespace: claim.metadata?.namespace ?? '',
        uid: claim.metadata?.uid ?? '',
      },
      local: { path },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
          ],
        },
      },
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: claim.spec?.storageClassName ?? '',
      volumeMode: 'Filesystem',
    },
  };
}
