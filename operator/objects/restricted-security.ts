import type { V1PodSecurityContext, V1SecurityContext } from '@kubernetes/client-node';

/** Who the containers of a pod run as, and whose group its volumes get. */
export type RunAs = { readonly uid: number; readonly gid: number };

/**
 * What the Pod Security Standard "restricted" asks of a pod. The group of a volume is set only where it is wrong: setting
 * it on every file would open the folder of a database to a group, and PostgreSQL refuses to start on such a folder.
 */
export const restrictedPod = ({ uid, gid }: RunAs): V1PodSecurityContext => ({
  runAsNonRoot: true,
  runAsUser: uid,
  runAsGroup: gid,
  fsGroup: gid,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
});

/** The same of a container; and nothing is written but to volumes. */
export const restrictedContainer = (): V1SecurityContext => ({
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
});
