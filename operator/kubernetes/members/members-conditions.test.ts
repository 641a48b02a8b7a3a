import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { memberInput } from '../../partition/objects/test-support/member-input.ts';
import type { MemberPod, MembersInput } from './members-input.ts';
import { planMembers } from './plan/plan-members.ts';
import { ModelWorld } from './test-support/model-world.ts';

type Status = NonNullable<MemberPod['status']>;
type Container = NonNullable<Status['containerStatuses']>[number];

const NAME = 'users-a-1';

function healthy(): MembersInput {
  const world = new ModelWorld(memberInput());
  expect(world.settle()).not.toBeNull();
  // Old enough that nothing is put down to its being new.
  return { ...world.input(), now: world.cluster.now + 3_600_000 };
}

function readyWith(input: MembersInput) {
  const found = planMembers(input).conditions.find(({ type }) => type === 'MembersReady');
  if (found === undefined) throw new Error('no condition');
  return found;
}

/** One pod looks like this. */
function podLooks(status: Status, input: MembersInput = healthy(), nodeName?: string): MembersInput {
  const pods = input.pods.map((pod) => {
    if (pod.metadata.name !== NAME) return pod;
    const { nodeName: _, ...spec } = pod.spec ?? { containers: [] };
    return { ...pod, spec: { ...spec, ...(nodeName === undefined ? {} : { nodeName }) }, status };
  });
  return { ...input, pods };
}

const container = (state: Container['state'], more: Partial<Container> = {}): Container => ({
  name: 'database',
  image: 'postgres:18',
  imageID: '',
  ready: false,
  restartCount: 5,
  ...(state === undefined ? {} : { state }),
  ...more,
});
const running = (...containerStatuses: readonly Container[]): Status => ({ phase: 'Pending', containerStatuses });
const backOff = (exitCode: number, message: string): Status =>
  running(
    container(
      { waiting: { reason: 'CrashLoopBackOff' } },
      { lastState: { terminated: { exitCode, message, reason: 'Error' } } },
    ),
  );
const unscheduled = (message: string): Status => ({
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
});

test('all is well', () => {
  expect(readyWith(healthy())).toMatchObject({ status: 'True', reason: 'AllReady' });
});

type Case = readonly [string, Status, readonly [reason: string, words: string]];

test.each([
  [
    'an image that is not pulled',
    running(container({ waiting: { reason: 'ErrImagePull', message: 'not found' } }, { image: 'postgres:99' })),
    ['ImagePullFailed', 'image postgres:99 is not pulled'],
  ],
  [
    'an image of the agent that is not pulled',
    {
      phase: 'Pending',
      initContainerStatuses: [
        container({ waiting: { reason: 'ImagePullBackOff' } }, { name: 'install-agent', image: 'member:2' }),
      ],
    } satisfies Status,
    ['ImagePullFailed', 'image member:2 is not pulled'],
  ],
  [
    'an image without glibc',
    backOff(78, 'imapcluster: this image has no glibc'),
    ['ImageUnsuitable', 'this image has no glibc'],
  ],
  [
    'an image of another version than said',
    backOff(1, 'Unexpected: spawn /usr/lib/postgresql/18/bin/postgres ENOENT'),
    [
      'ServerVersionWrong',
      'there is no /usr/lib/postgresql/18/bin/postgres: image and majorVersion have to go together',
    ],
  ],
  [
    'a server of another version than said',
    backOff(2, '{"level":"fatal","message":"/usr/sbin: the server is MySQL 8.0.44, and is to be 8.4 or newer"}'),
    ['ServerVersionWrong', 'postgres:18: the server is MySQL 8.0.44, and is to be 8.4 or newer: image and'],
  ],
  [
    'a crash loop',
    backOff(1, `${'x'.repeat(1_000)} password file is empty`),
    ['CrashLooping', 'password file is empty'],
  ],
  [
    'a Secret that is not there',
    running(container({ waiting: { reason: 'CreateContainerConfigError', message: 'secret "x" not found' } })),
    ['ConfigurationMissing', 'secret "x" not found'],
  ],
  ['no node that takes it', unscheduled('0/3 nodes: insufficient memory'), ['Unschedulable', 'insufficient memory']],
  [
    'a pod that was evicted',
    { phase: 'Failed', reason: 'Evicted', message: 'low on memory' },
    ['Evicted', 'low on memory'],
  ],
  ['a pod that is not ready', { phase: 'Running', conditions: [] }, ['Starting', 'is not ready yet']],
] satisfies readonly Case[])('%s', (_, status, [reason, words]) => {
  const condition = readyWith(podLooks(status));
  expect(condition).toMatchObject({ status: 'False', reason });
  expect(condition.message).toContain(NAME);
  expect(condition.message).toContain(words);
  expect(condition.message.length).toBeLessThan(700);
});

test('a container that ended once and runs again is no crash loop', () => {
  const again = container({ running: {} }, { lastState: { terminated: { exitCode: 1, message: 'oh' } } });
  expect(readyWith(podLooks({ phase: 'Running', containerStatuses: [again] })).reason).toBe('Starting');
});

test('volumes: not bound, gone, and the moment in which they are made', () => {
  const input = podLooks(unscheduled('pod has unbound immediate PersistentVolumeClaims'));
  const phase = (value: string): MembersInput['volumes'] =>
    input.volumes.map((volume) => (volume.metadata.name === NAME ? { ...volume, status: { phase: value } } : volume));
  const unbound = { ...input, volumes: phase('Pending') };
  expect(readyWith(unbound)).toMatchObject({ reason: 'VolumeNotBound' });
  expect(readyWith({ ...unbound, now: Date.parse('2026-01-01T00:00:20Z') })).toMatchObject({ reason: 'Starting' });
  expect(readyWith({ ...input, volumes: phase('Lost') })).toMatchObject({ reason: 'VolumeLost' });
});

/** What the agent says of a server that ended. */
function ended(cause: 'DiskFull' | null, lastLog: readonly string[]): MembersInput {
  const input = healthy();
  const sightings = input.sightings.map((seen) => {
    if (seen.name !== NAME || seen.report === null) return seen;
    const exit = { code: 1, signal: null, lastLog: [...lastLog], cause };
    return { ...seen, report: { ...seen.report, state: 'exited' as const, replication: null, exit } };
  });
  return { ...input, sightings };
}

test('what only the agent knows: a full disk, data of another version, a server that does not start', () => {
  expect(readyWith(ended('DiskFull', []))).toMatchObject({ reason: 'DiskFull' });
  const other =
    'DETAIL:  The data directory was initialized by PostgreSQL version 17, which is not compatible with this version 18.';
  expect(readyWith(ended(null, ['FATAL:  database files are incompatible with server', other]))).toMatchObject({
    reason: 'DataVersionWrong',
  });
  const mysql = '[MY-013360] [Server] Invalid MySQL server downgrade: Cannot downgrade from 90800 to 90704.';
  expect(readyWith(ended(null, [mysql, '[ERROR] Aborting']))).toMatchObject({ reason: 'DataVersionWrong' });
  const down = readyWith(ended(null, ['LOG:  starting', 'FATAL:  invalid value for "work_mem"', '']));
  expect(down).toMatchObject({ reason: 'ServerDown' });
  expect(down.message).toContain('invalid value for "work_mem"');
});

test('what the API server refuses, of members that are there and of those to come', () => {
  const input = healthy();
  const refused = { asked: 'x', message: 'exceeded quota: mail', at: input.now } as const;
  const pods = input.pods.filter(({ metadata }) => metadata.name !== NAME);
  const noPod = readyWith({ ...input, pods, refusals: new Map([[memberName(NAME), { of: 'createPod', ...refused }]]) });
  expect(noPod).toMatchObject({ reason: 'Refused' });
  const build = memberInput({ instances: 4 });
  const more = new Map([[memberName('users-a-3'), { of: 'createVolume', ...refused } as const]]);
  expect(readyWith({ ...input, build, refusals: more }).message).toContain(
    'the volume users-a-3 is refused: exceeded quota',
  );
  expect(readyWith({ ...input, refusals: more }).status).toBe('True');
});

test('the worst of several comes first, and none is left out', () => {
  const input = ended('DiskFull', []);
  const pods = input.pods.map((pod) =>
    pod.metadata.name === 'users-a-2'
      ? { ...pod, status: running(container({ waiting: { reason: 'ErrImagePull' } })) }
      : pod,
  );
  const condition = readyWith({ ...input, pods });
  expect(condition.reason).toBe('ImagePullFailed');
  expect(condition.message).toMatch(/users-a-2.*; users-a-1.*no disk space left/);
});

test('a useless pod of an older make is replaced though the partition is not well; one that serves is not', () => {
  const outdated = (input: MembersInput): MembersInput => ({
    ...input,
    build: memberInput({ parameters: { jit: 'off' } }),
  });
  const deleted = (input: MembersInput) =>
    planMembers(outdated(input)).actions.flatMap((action) =>
      action.kind === 'deletePod' ? [action.pod.metadata.name] : [],
    );
  expect(deleted(ended(null, ['FATAL:  wrong setting']))).toEqual([NAME]);
  expect(deleted(podLooks(backOff(1, 'oh'), healthy(), 'n1'))).toEqual([NAME]);
  const behind = healthy();
  const sightings = behind.sightings.map((seen) => (seen.name === NAME ? { ...seen, connected: false } : seen));
  expect(deleted({ ...behind, sightings })).toEqual([]);
});
