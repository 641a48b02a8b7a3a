import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { memberPod } from '../../partition/objects/member-pod.ts';
import { memberInput } from '../../partition/objects/test-support/member-input.ts';
import { KeptSightings } from './kept-sightings.ts';
import type { MemberPod, Node } from './members-input.ts';
import type { KnownNodes } from './platform-sighting.ts';

// Promise: as long as no object is another, what is said is the very same; when one is, it is what the objects say now.

function pod(uid: string, deleted = false): MemberPod {
  const made = memberPod(memberInput(), memberName('users-a-0'), null);
  return {
    ...made,
    metadata: { ...made.metadata, uid, ...(deleted ? { deletionTimestamp: '2026-01-01T00:00:10Z' } : {}) },
    spec: { ...made.spec, containers: made.spec?.containers ?? [], nodeName: 'n0' },
  };
}

const node = (ready: string): Node => ({
  metadata: { name: 'n0' },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});

class Nodes implements KnownNodes {
  isSynced = true;
  node: Node | undefined = node('True');
  get(): Node | undefined {
    return this.node;
  }
}

test('nobody was ever there', () => {
  expect(new KeptSightings().of({ pod: null, removed: null, nodes: new Nodes() })).toBeNull();
});

test('the same objects, the same sighting', () => {
  const [kept, nodes, there, before] = [new KeptSightings(), new Nodes(), pod('2'), pod('1')];
  const seen = kept.of({ pod: there, removed: before, nodes });
  expect(seen).toEqual({ instance: '2', state: 'there', ends: [] });
  expect(kept.of({ pod: there, removed: before, nodes })).toBe(seen);
});

test('another pod, another node, another that was removed, and nodes that nobody may see: each is looked at', () => {
  const [kept, nodes, there] = [new KeptSightings(), new Nodes(), pod('1')];
  const state = (seen: MemberPod | null, removed: MemberPod | null = null): unknown =>
    kept.of({ pod: seen, removed, nodes })?.state;
  expect(state(there)).toBe('there');
  nodes.node = node('Unknown');
  expect(state(there)).toBe('hostLost');
  nodes.node = undefined;
  expect(state(there)).toBe('hostLost');
  nodes.isSynced = false;
  expect(state(there)).toBe('there');
  const leaving = pod('1', true);
  expect(state(leaving)).toBe('leaving');
  expect(state(null, leaving)).toBe('unknown');
  nodes.isSynced = true;
  nodes.node = node('True');
  expect(state(null, leaving)).toBe('gone');
});

test('an end of one that was removed is told with its successor', () => {
  const [kept, nodes, there, removed] = [new KeptSightings(), new Nodes(), pod('2'), pod('1')];
  expect(kept.of({ pod: there, removed: null, nodes })?.ends).toEqual([]);
  const terminated = { exitCode: 137, finishedAt: '2026-01-01T00:00:10Z' };
  const status = { name: 'database', image: '', imageID: '', ready: false, restartCount: 0, state: { terminated } };
  const ended = { ...removed, status: { containerStatuses: [status] } } as unknown as MemberPod;
  expect(kept.of({ pod: there, removed: ended, nodes })?.ends).toMatchObject([{ instance: '1', exitCode: 137 }]);
});
