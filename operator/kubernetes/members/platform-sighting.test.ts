import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { memberPod } from '../../partition/objects/member-pod.ts';
import { memberInput } from '../../partition/objects/test-support/member-input.ts';
import type { MemberPod, Node } from './members-input.ts';
import { type PlatformInput, platformSighting } from './platform-sighting.ts';

const FINISHED = '2026-01-01T00:00:10Z';
const AT = Date.parse(FINISHED);

type ContainerStatus = NonNullable<NonNullable<MemberPod['status']>['containerStatuses']>[number];
type Pod = {
  readonly uid?: string;
  readonly node?: string | null;
  readonly deleted?: boolean;
  readonly status?: MemberPod['status'];
};

function pod({ uid = 'uid-1', node = 'n0', deleted = false, status = running }: Pod = {}): MemberPod {
  const made = memberPod(memberInput(), memberName('users-a-0'), null);
  return {
    ...made,
    metadata: { ...made.metadata, uid, ...(deleted ? { deletionTimestamp: FINISHED } : {}) },
    spec: { ...made.spec, containers: made.spec?.containers ?? [], ...(node === null ? {} : { nodeName: node }) },
    ...(status === undefined ? {} : { status }),
  };
}

const container = { name: 'database', image: '', imageID: '', ready: false, restartCount: 0 };
const running = statusOf({ state: { running: {} } });
const killed = { exitCode: 137, finishedAt: FINISHED, reason: 'Error' };
const ended = statusOf({ state: { terminated: killed } });

function statusOf(says: Pick<ContainerStatus, 'state' | 'lastState'>, phase = 'Running'): MemberPod['status'] {
  return { phase, containerStatuses: [{ ...container, ...says }] };
}

const node = (ready: 'True' | 'False' | 'Unknown'): Node => ({
  metadata: { name: 'n0' },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});

function nodes(ready: 'True' | 'False' | 'Unknown' | null, isSynced = true): PlatformInput['nodes'] {
  return { isSynced, get: (name) => (name === 'n0' && ready !== null ? node(ready) : undefined) };
}

const up = nodes('True');
const end = { instance: 'uid-1', at: AT, exitCode: 137, replacedAt: null };
const STARTED_AGAIN = '2026-01-01T00:00:20Z';

test.each<readonly [string, PlatformInput, string | null, readonly unknown[]]>([
  ['nothing was ever heard of it', { pod: null, removed: null, nodes: up }, null, []],
  ['it runs', { pod: pod(), removed: null, nodes: up }, 'there', []],
  ['it is not on any node yet', { pod: pod({ node: null, status: undefined }), removed: null, nodes: up }, 'there', []],
  ['deleted', { pod: pod({ deleted: true }), removed: null, nodes: up }, 'leaving', []],
  [
    'deleted, nobody may see nodes',
    { pod: pod({ deleted: true }), removed: null, nodes: nodes(null, false) },
    'leaving',
    [],
  ],
  ['its container ended', { pod: pod({ status: ended }), removed: null, nodes: up }, 'there', [end]],
  [
    'its container was started again after an end',
    {
      pod: pod({
        status: statusOf({ state: { running: { startedAt: STARTED_AGAIN } }, lastState: { terminated: killed } }),
      }),
      removed: null,
      nodes: up,
    },
    'there',
    [{ ...end, replacedAt: Date.parse(STARTED_AGAIN) }],
  ],
  [
    'a kubelet that was started anew does not find its container',
    {
      pod: pod({ status: statusOf({ state: { terminated: { ...killed, reason: 'ContainerStatusUnknown' } } }) }),
      removed: null,
      nodes: up,
    },
    'there',
    [],
  ],
  [
    'a container ended, nobody knows when',
    { pod: pod({ status: statusOf({ state: { terminated: { exitCode: 137 } } }) }), removed: null, nodes: up },
    'there',
    [],
  ],
  [
    'a controller has called it failed: it cannot know',
    { pod: pod({ status: statusOf({ state: { running: {} } }, 'Failed') }), removed: null, nodes: up },
    'there',
    [],
  ],
  ['removed by its kubelet', { pod: null, removed: pod({ deleted: true, status: ended }), nodes: up }, 'gone', [end]],
  ['removed by force: its container may run on for a moment', { pod: null, removed: pod(), nodes: up }, 'gone', []],
  ['removed by force, its node is not ready', { pod: null, removed: pod(), nodes: nodes('Unknown') }, 'hostLost', []],
  ['removed by force, its node is no more', { pod: null, removed: pod(), nodes: nodes(null) }, 'hostLost', []],
  ['removed by force, nobody may see nodes', { pod: null, removed: pod(), nodes: nodes(null, false) }, 'unknown', []],
  ['its node is not ready', { pod: pod(), removed: null, nodes: nodes('False') }, 'hostLost', []],
  [
    'deleted on a node that is not ready',
    { pod: pod({ deleted: true }), removed: null, nodes: nodes('Unknown') },
    'hostLost',
    [],
  ],
  [
    'ended before its node was lost: that stays true',
    { pod: pod({ status: ended }), removed: null, nodes: nodes('Unknown') },
    'hostLost',
    [end],
  ],
])('%s', (_, input, ...expected) => {
  const seen = platformSighting(input);
  expect([seen?.state ?? null, seen?.ends ?? []]).toEqual(expected);
});

test('made anew: what is said is of the new one, and the end of the old one stays', () => {
  const input = { pod: pod({ uid: 'uid-2' }), removed: pod({ status: ended }), nodes: up };
  expect(platformSighting(input)).toEqual({ instance: 'uid-2', state: 'there', ends: [end] });
});
