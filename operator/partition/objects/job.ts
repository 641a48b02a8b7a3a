import type { V1Container, V1Job, V1PodSpec, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { objectName } from '#crds/names/object-name.ts';
import type { Wire } from '../../kubernetes/api/resource.ts';
import type { Built } from '../../objects/built.ts';
import { hashOf } from '../../objects/hash-of.ts';
import { standardLabels } from '../../objects/labels.ts';
import { ownedMeta } from '../../objects/owned-meta.ts';
import { commonPodSpec, type PodDefaults } from '../../objects/pod-defaults.ts';
import { type ResourceAmounts, resourceAmounts } from '../../objects/resource-amounts.ts';
import { type RunAs, restrictedContainer, restrictedPod } from '../../objects/restricted-security.ts';
import type { Job } from '../../ports.ts';
import { JOB_ANNOTATION, JOB_PATH, jobConfiguration } from './job-configuration.ts';
import { MAIL_FILE, SALVAGE_FILE } from './member-paths.ts';
import { partitionNames } from './partition-names.ts';

export type JobInput = {
  /** As the API server gave it. */
  readonly partition: MailboxPartition;
  readonly job: Job;
  /** imapd's image, which holds the jobs too. */
  readonly image: string;
  readonly pods: PodDefaults;
  readonly resources?: ResourceAmounts | undefined;
};

/** The launcher in the image (`images/`, which the operator may not import; a test there knows both). */
export const JOB_LAUNCHER = '/usr/lib/imapcluster/launch';
/** Name of the container, as `kubectl logs --container` wants it. */
export const JOB_CONTAINER = 'job';
/** A salvage reads a whole database, a migration may rewrite one. Seconds. */
const LONGEST = 6 * 60 * 60;
/** How long an ended job stays, for people who read its log, and for an operator that was away. Seconds. */
const KEPT = 60 * 60;
/** In order the job ends its transaction and says so. Seconds. */
const STOP_WITHIN = 10;
/** "nonroot" of distroless images. */
const NON_ROOT: RunAs = { uid: 65_532, gid: 65_532 };
/** It reads and writes piece by piece, whatever the size of the database. */
const RESOURCES: ResourceAmounts = { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } };
/** Read by owner and group, which the pod's `fsGroup` makes the job's user a member of. */
const PRIVATE = 0o440;

/**
 * One run of `imapd migrate` or `imapd salvage`. Its name follows from what it does and in which image: an operator that comes
 * back finds the one that runs. It is tried once; whether to try again is the operator's decision, which knows the epoch.
 */
export function jobObject(input: JobInput): Built<V1Job> {
  const { partition, job } = input;
  const { metadata, spec } = partition;
  const labels = standardLabels({ cluster: spec.clusterRef.name, component: 'job', partition: metadata.name });
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: ownedMeta({ owner: partition, name: jobName(input), labels }),
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      activeDeadlineSeconds: LONGEST,
      ttlSecondsAfterFinished: KEPT,
      template: {
        metadata: {
          labels: { ...labels },
          annotations: { [JOB_ANNOTATION]: JSON.stringify(jobConfiguration(partition, job, input.pods)) },
        },
        spec: podSpec(input),
      },
    },
  };
}

export function jobName({ partition, job, image }: Pick<JobInput, 'partition' | 'job' | 'image'>): string {
  return objectName(partition.metadata.name, `${job.kind}-${hashOf({ job, image })}`);
}

function podSpec(input: JobInput): Wire<V1PodSpec> {
  return {
    ...commonPodSpec(input.pods),
    automountServiceAccountToken: false,
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: STOP_WITHIN,
    securityContext: restrictedPod(NON_ROOT),
    containers: [container(input)],
    volumes: mounted(input).map(({ volume }) => volume),
  };
}

function container(input: JobInput): V1Container {
  const { job, image, pods, resources = RESOURCES } = input;
  return {
    name: JOB_CONTAINER,
    image,
    imagePullPolicy: pods.pullPolicy,
    command: [JOB_LAUNCHER, job.kind],
    args: ['--config', JOB_PATH.configuration, '--result', JOB_PATH.result],
    terminationMessagePath: JOB_PATH.result,
    // Of a program that does not even start, the last words.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    resources: resourceAmounts(resources),
    securityContext: restrictedContainer(),
    volumeMounts: mounted(input).map(({ mount }) => mount),
  };
}

type Mounted = { readonly volume: Wire<V1Volume>; readonly mount: V1VolumeMount };

function mounted({ partition, job }: JobInput): readonly Mounted[] {
  const { credentials } = partitionNames(partition);
  const keys = job.kind === 'salvage' ? [MAIL_FILE, SALVAGE_FILE] : [MAIL_FILE];
  const fieldRef = { apiVersion: 'v1', fieldPath: `metadata.annotations['${JOB_ANNOTATION}']` };
  const volumes: readonly (readonly [string, Wire<V1Volume>])[] = [
    [
      JOB_PATH.configurationFolder,
      {
        name: 'configuration',
        // The annotation as a file: one object less to make, to own and to collect; there is nothing secret in it.
        downwardAPI: { defaultMode: PRIVATE, items: [{ path: JOB_PATH.configurationName, fieldRef }] },
      },
    ],
    [
      JOB_PATH.credentials,
      {
        name: 'credentials',
        secret: { secretName: credentials, defaultMode: PRIVATE, items: keys.map((key) => ({ key, path: key })) },
      },
    ],
  ];
  return volumes.map(([mountPath, volume]) => ({ volume, mount: { name: volume.name, mountPath, readOnly: true } }));
}
