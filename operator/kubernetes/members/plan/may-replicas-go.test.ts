import { expect, test } from 'vitest';
import { LABEL } from '../../../objects/labels.ts';
import { memberInput } from '../../../partition/objects/test-support/member-input.ts';
import type { PartitionRecord } from '../../../partition/record.ts';
import type { MemberPod, MembersInput } from '../members-input.ts';
import { ModelWorld } from '../test-support/model-world.ts';
import { planMembers } from './plan-members.ts';

// Promise: a replica may be evicted only while the primary is well and known to be one; so the last good replica never goes
// while the primary is gone.

const ready = { type: 'Ready', status: 'True', reason: 'Serving', message: '', lastTransitionTime: 0 } as const;

/** Two servers, and all is well. */
function well(): MembersInput & { readonly record: PartitionRecord } {
  const world = new ModelWorld(memberInput({ instances: 2 }));
  expect(world.settle()).not.toBeNull();
  const input = world.input();
  if (input.record === null) throw new Error('no record');
  return { ...input, record: { ...input.record, conditions: [ready] } };
}

type Case = {
  readonly name: string;
  readonly go: boolean;
  readonly of: (input: ReturnType<typeof well>) => MembersInput;
};

const changed = (input: ReturnType<typeof well>, of: (pod: MemberPod) => MemberPod): MembersInput => ({
  ...input,
  pods: input.pods.map((pod) => (pod.metadata.name === input.record.primary ? of(pod) : pod)),
});
const operation = (kind: 'Failover' | 'Switchover') => ({ kind, from: null, candidate: null }) as never;

test.each<Case>([
  { name: 'all is well', go: true, of: (input) => input },
  { name: 'an operator that has heard of nobody yet', go: true, of: (input) => ({ ...input, sightings: [] }) },
  { name: 'no record', go: false, of: (input) => ({ ...input, record: null }) },
  {
    name: 'the primary does not serve, or does not answer',
    go: false,
    of: (input) => ({ ...input, record: { ...input.record, conditions: [{ ...ready, status: 'False' }] } }),
  },
  {
    name: 'nobody has said that it serves',
    go: false,
    of: (input) => ({ ...input, record: { ...input.record, conditions: [] } }),
  },
  {
    name: 'a failover',
    go: false,
    of: (input) => ({ ...input, record: { ...input.record, operation: operation('Failover') } }),
  },
  {
    name: 'a planned change',
    go: false,
    of: (input) => ({ ...input, record: { ...input.record, operation: operation('Switchover') } }),
  },
  {
    name: 'the pod of the primary is not ready',
    go: false,
    of: (input) =>
      changed(input, (pod) => ({
        ...pod,
        status: { ...pod.status, conditions: [{ type: 'Ready', status: 'False' }] },
      })),
  },
  {
    name: 'the pod of the primary is being deleted',
    go: false,
    of: (input) =>
      changed(input, (pod) => ({
        ...pod,
        metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' as never },
      })),
  },
  {
    name: 'the pod of the primary is gone',
    go: false,
    of: (input) => ({ ...input, pods: input.pods.filter(({ metadata }) => metadata.name !== input.record.primary) }),
  },
  {
    name: 'the label of the primary is on nobody: its budget would protect nobody',
    go: false,
    of: (input) =>
      changed(input, (pod) => ({
        ...pod,
        metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [LABEL.role]: 'replica' } },
      })),
  },
])('$name: $go', ({ go, of }) => {
  expect(planMembers(of(well())).evictable).toEqual({ replicasMayGo: go, members: 2 });
});

test('who takes over stays a replica to the last step of a failover, and so keeps its budget', () => {
  const input = well();
  const [old, next] = ['users-a-0', 'users-a-1'];
  const failover = { kind: 'Failover', from: old, candidate: next } as never;
  const { actions } = planMembers({
    ...input,
    record: { ...input.record, primary: next as never, operation: failover },
  });
  const labels = actions.flatMap((action) =>
    action.kind === 'label' ? [[action.pod.metadata.name, action.role]] : [],
  );
  expect(labels).not.toContainEqual([next, null]);
});
