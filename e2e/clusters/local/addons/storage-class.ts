/** Who makes the volumes of the class: us, see storage/. */
export const PROVISIONER = 'imapcluster.io/host-path';
export const STORAGE_CLASS = 'local';

/** The default class: a folder of the node on which the first pod of the claim is scheduled; may grow. */
export function storageClass(): object {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: STORAGE_CLASS, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: PROVISIONER,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
  };
}
