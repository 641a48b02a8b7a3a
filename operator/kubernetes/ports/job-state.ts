import type { V1ContainerStateTerminated, V1Job, V1Pod } from '@kubernetes/client-node';
import { JOB_CONTAINER } from '../../partition/objects/job.ts';
import type { JobOutcome } from '../../ports.ts';
import type { Stored, Wire } from '../api/resource.ts';

/**
 * `hindered`: its pod does not start, and why; `patienceMs`: how long that may be so before it is a failure.
 * `lost`: it ended well, and nobody can say any more with which result.
 */
export type JobState =
  | { readonly kind: 'running' }
  | { readonly kind: 'hindered'; readonly why: string; readonly patienceMs: number }
  | { readonly kind: 'ended'; readonly outcome: JobOutcome }
  | { readonly kind: 'lost' };

type Pod = Stored<V1Pod>;

/** What does not mend itself by waiting, or not soon. */
const REFUSED: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'ErrImageNeverPull',
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'RunContainerError',
]);
const REFUSED_MS = 30_000;
/** A large image on a slow link, or a node that has to be made first. */
const STARTING_MS = 5 * 60_000;

/** What has become of a job, by itself and by its pods, as far as they are known. */
export function jobState(job: Stored<V1Job>, pods: readonly Pod[]): JobState {
  const ends = pods.flatMap((pod) => endOf(pod) ?? []);
  const [end] = ends;
  if (end !== undefined) return { kind: 'ended', outcome: outcomeOf(end) };
  const gone = pods.find(({ status }) => status?.phase === 'Failed');
  if (gone !== undefined) return failed(reasonOf(gone.status, 'its pod failed'));
  const ending = job.status?.conditions?.find(({ type, status }) => ENDINGS.has(type) && status === 'True');
  if (ending === undefined) return startOf(pods);
  return ending.type === 'Failed' ? failed(reasonOf(ending, 'the job failed')) : { kind: 'lost' };
}

/** Whether it has ended, as the job's own controller sees it: later than its pod shows it. */
export const hasEnded = ({ status }: Stored<V1Job>): boolean =>
  status?.conditions?.some((condition) => ENDINGS.has(condition.type) && condition.status === 'True') === true;

export const hasFailed = ({ status }: Stored<V1Job>): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Failed' && is === 'True') === true;

const ENDINGS: ReadonlySet<string> = new Set(['Complete', 'Failed']);

function startOf(pods: readonly Pod[]): JobState {
  const [pod] = pods;
  if (pod === undefined) return { kind: 'hindered', why: 'no pod is made for it', patienceMs: STARTING_MS };
  const state = statusOf(pod)?.state;
  if (state?.running !== undefined) return { kind: 'running' };
  const waiting = state?.waiting;
  if (waiting?.reason !== undefined && REFUSED.has(waiting.reason))
    return { kind: 'hindered', why: reasonOf(waiting, 'its pod does not start'), patienceMs: REFUSED_MS };
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  const why = reasonOf(unscheduled ?? waiting, 'its pod does not start');
  return { kind: 'hindered', why, patienceMs: STARTING_MS };
}

const statusOf = (pod: Pod) => pod.status?.containerStatuses?.find(({ name }) => name === JOB_CONTAINER);
const endOf = (pod: Pod) => statusOf(pod)?.state?.terminated;

/** The exit code says whether it is done; the message is what the job wrote as its result (`imapd/jobs/run-job.ts`). */
function outcomeOf({ exitCode, reason, signal, message = '' }: Wire<V1ContainerStateTerminated>): JobOutcome {
  const last = message.trimEnd().split('\n').at(-1) ?? '';
  if (reason === 'OOMKilled') return { ok: false, message: 'the job ran out of memory and was killed' };
  if (exitCode !== 0) return { ok: false, message: last || endedBy(exitCode, signal) };
  try {
    return { ok: true, result: last === '' ? null : JSON.parse(last) };
  } catch {
    // Done, by its exit code; it just says nothing that we could keep.
    return { ok: true, result: last };
  }
}

const endedBy = (exitCode: number, signal: number | undefined): string =>
  signal === undefined || signal === 0
    ? `the job ended with exit code ${exitCode}`
    : `the job was ended by signal ${signal}`;

const failed = (message: string): JobState => ({ kind: 'ended', outcome: { ok: false, message } });

function reasonOf(
  said: { readonly reason?: string; readonly message?: string } | undefined,
  otherwise: string,
): string {
  const words = [said?.reason, said?.message].filter((word) => word !== undefined && word !== '');
  return words.length === 0 ? otherwise : words.join(': ');
}
