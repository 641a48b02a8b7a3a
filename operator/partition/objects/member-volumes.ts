import type { V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import type { MemberName } from '#contract/names.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { Wire } from '../../kubernetes/api/resource.ts';
import { AGENT_FILE, MEMBER_PATH, PASSWORDS_FILE, PUBLIC_KEYS_FILE } from './member-paths.ts';
import { partitionNames } from './partition-names.ts';

/** Read by owner and group, which the pod's `fsGroup` makes the server's user a member of. */
const PRIVATE = 0o440;

type Volume = Wire<V1Volume>;
type Mounted = { readonly volume: Volume; readonly path: string; readonly readOnly: boolean };

function mounted(partition: MailboxPartition, member: MemberName): readonly Mounted[] {
  const names = partitionNames(partition);
  const files = (name: string, secretName: string, keys: readonly string[]): Volume => ({
    name,
    secret: { secretName, defaultMode: PRIVATE, items: keys.map((key) => ({ key, path: key })) },
  });
  const scratch = (name: string, path: string): Mounted => ({ volume: { name, emptyDir: {} }, path, readOnly: false });
  const claim: Volume = { name: 'data', persistentVolumeClaim: { claimName: member } };
  return [
    { volume: claim, path: MEMBER_PATH.volume, readOnly: false },
    { ...scratch('agent', MEMBER_PATH.agent), readOnly: true },
    {
      volume: files('configuration', names.configuration, [AGENT_FILE, PUBLIC_KEYS_FILE]),
      path: MEMBER_PATH.configuration,
      readOnly: true,
    },
    { volume: files('secrets', names.credentials, [PASSWORDS_FILE]), path: MEMBER_PATH.secrets, readOnly: true },
    scratch('socket', MEMBER_PATH.socket),
    scratch('tmp', '/tmp'),
    // A container gets 64 MiB of shared memory otherwise, and parallel queries fail for want of more.
    { volume: { name: 'shm', emptyDir: { medium: 'Memory' } }, path: '/dev/shm', readOnly: false },
  ];
}

export const memberVolumes = (partition: MailboxPartition, member: MemberName): Volume[] =>
  mounted(partition, member).map(({ volume }) => volume);

export const memberMounts = (partition: MailboxPartition, member: MemberName): V1VolumeMount[] =>
  mounted(partition, member).map(({ volume, path, readOnly }) => ({
    name: volume.name,
    mountPath: path,
    // False is what the API server leaves away.
    ...(readOnly ? { readOnly } : {}),
  }));

/** For the init container, which puts the agent there. */
export const installMounts: readonly V1VolumeMount[] = [{ name: 'agent', mountPath: MEMBER_PATH.agent }];
