import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import type { Stored } from '../api/resource.ts';
import { type JobState, jobState } from './job-state.ts';

type Job = Stored<V1Job>;
type Pod = Stored<V1Pod>;

const job = (type?: string, reason?: string): Job => ({
  metadata: { name: 'users-a-migrate' },
  status:
    type === undefined ? {} : { conditions: [{ type, status: 'True', ...(reason === undefined ? {} : { reason }) }] },
});
const pod = (state: object, status: object = {}): Pod =>
  ({ metadata: { name: 'p' }, status: { containerStatuses: [{ name: 'job', state }], ...status } }) as unknown as Pod;
const terminated = (end: object): Pod => pod({ terminated: { exitCode: 0, reason: 'Completed', ...end } });
const ok = (result: unknown): JobState => ({ kind: 'ended', outcome: { ok: true, result } });
const failed = (message: string): JobState => ({ kind: 'ended', outcome: { ok: false, message } });
const hindered = (why: string, patienceMs: number): JobState => ({ kind: 'hindered', why, patienceMs });
const unscheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' };

type Case = { readonly job: Job; readonly pods: readonly Pod[]; readonly state: JobState };
const when = (of: Job, pods: readonly Pod[], state: JobState): Case => ({ job: of, pods, state });

test.each<readonly [string, Case]>([
  ['no pod yet', when(job(), [], hindered('no pod is made for it', 300_000))],
  [
    'a pod that starts',
    when(job(), [pod({ waiting: { reason: 'ContainerCreating' } })], hindered('ContainerCreating', 300_000)),
  ],
  [
    'a pod without a node',
    when(job(), [pod({}, { conditions: [unscheduled] })], hindered('Unschedulable: 0/3 nodes', 300_000)),
  ],
  [
    'an image that does not come',
    when(
      job(),
      [pod({ waiting: { reason: 'ImagePullBackOff', message: 'not found' } })],
      hindered('ImagePullBackOff: not found', 30_000),
    ),
  ],
  ['running', when(job(), [pod({ running: {} })], { kind: 'running' })],
  [
    'done, told by the pod before the job',
    when(job(), [terminated({ message: '{"applied":[]}' })], ok({ applied: [] })),
  ],
  ['done, without a word', when(job('Complete'), [terminated({})], ok(null))],
  ['done, and its words are no result', when(job('Complete'), [terminated({ message: 'fine' })], ok('fine'))],
  [
    'failed, with a reason',
    when(job(), [terminated({ exitCode: 1, message: 'a0 is at epoch 1\n' })], failed('a0 is at epoch 1')),
  ],
  [
    'failed before its first word',
    when(job(), [terminated({ exitCode: 127 })], failed('the job ended with exit code 127')),
  ],
  ['killed', when(job(), [terminated({ exitCode: 137, signal: 9 })], failed('the job was ended by signal 9'))],
  [
    'killed for its memory: the last log line says nothing',
    when(
      job(),
      [terminated({ exitCode: 137, reason: 'OOMKilled', message: '{"level":20}' })],
      failed('the job ran out of memory and was killed'),
    ),
  ],
  [
    'evicted',
    when(
      job('Failed', 'BackoffLimitExceeded'),
      [{ metadata: { name: 'p' }, status: { phase: 'Failed', reason: 'Evicted', message: 'low on memory' } }],
      failed('Evicted: low on memory'),
    ),
  ],
  ['too slow', when(job('Failed', 'DeadlineExceeded'), [], failed('DeadlineExceeded'))],
  ['done, and the pod is gone', when(job('Complete'), [], { kind: 'lost' })],
])('%s', (_, { job: of, pods, state }) => {
  expect(jobState(of, pods)).toEqual(state);
});
