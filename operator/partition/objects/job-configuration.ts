import { GROUP } from '#crds/group.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import type { PodDefaults } from '../../objects/pod-defaults.ts';
import type { Job } from '../../ports.ts';
import { databaseTlsOf } from '../database-tls-of.ts';
import { MAIL_FILE, SALVAGE_FILE } from './member-paths.ts';

/** On the pod of a job: its configuration, which the kubelet shows it as a file. */
export const JOB_ANNOTATION = `${GROUP}/job-configuration`;

const ROOT = '/etc/imapcluster';
const NAME = 'job.json';

/** Where a job's pod has its things. */
export const JOB_PATH = {
  configurationFolder: `${ROOT}/configuration`,
  configurationName: NAME,
  configuration: `${ROOT}/configuration/${NAME}`,
  credentials: `${ROOT}/credentials`,
  /** What is written there is in the status of the container once that has ended. */
  result: '/dev/termination-log',
} as const;

/**
 * Configuration file of a job (`imapd/jobs/job-configuration.ts`, which the operator may not import; that it fits is tested
 * where both are known, in `standalone/job-configurations.test.ts`).
 */
export function jobConfiguration({ metadata, spec }: MailboxPartition, job: Job, { logLevel }: PodDefaults) {
  const { database, epoch, writer } = job;
  const { engine } = spec.repository;
  const tls = databaseTlsOf(spec.repository);
  return {
    // What every version of a job takes for granted is not said to it.
    ...(engine === 'postgresql' ? {} : { engine }),
    ...(tls === undefined ? {} : { tls }),
    cluster: spec.clusterRef.name,
    partition: metadata.name,
    database,
    epoch,
    writer,
    credentialsFile: `${JOB_PATH.credentials}/${MAIL_FILE}`,
    ...(job.kind === 'salvage'
      ? { from: job.from, salvageCredentialsFile: `${JOB_PATH.credentials}/${SALVAGE_FILE}` }
      : {}),
    logLevel,
  };
}
