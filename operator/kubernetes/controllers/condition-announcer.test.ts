import { expect, test } from 'vitest';
import { partitionName } from '#contract/names.ts';
import type { OperatorEvent } from '../../ports.ts';
import { ConditionAnnouncer } from './condition-announcer.ts';

/** `type reason message`, as they are to be. */
const conditionsOf = (lines: readonly string[]) =>
  lines.map((line) => {
    const [type = '', reason = '', ...message] = line.split(' ');
    return { type, reason, message: message.join(' '), status: 'False', lastTransitionTime: '' } as const;
  });

const object = { metadata: { namespace: 'mail', name: 'users-a', uid: '1' } };

/** An object whose status could never be written. */
function scene() {
  const announcer = new ConditionAnnouncer();
  const emitted: OperatorEvent[] = [];
  const events = { emit: (event: OperatorEvent) => void emitted.push(event) };
  const announce = (lines: readonly string[], uid = '1') => {
    const live = { metadata: { ...object.metadata, uid } };
    announcer.announce({ live, conditions: conditionsOf(lines), events, partition: partitionName('users-a') });
    return emitted.splice(0).map(({ code, condition, message }) => `${code} ${condition?.reason ?? ''}: ${message}`);
  };
  return { announcer, announce };
}

const pull = 'MembersReady ImagePullFailed no such image';

test('told once, although the status is never written; of another object of that name anew', () => {
  const { announcer, announce } = scene();
  expect(announce([pull])).toEqual(['ConditionTroubled ImagePullFailed: no such image']);
  expect(announce([pull])).toEqual([]);
  expect(announce([pull], '2')).toHaveLength(1);
  announcer.forget('mail/users-a');
  expect(announce([pull], '2')).toHaveLength(1);
});

test('an alarm has its own name, and a condition with that for a reason says no more', () => {
  const { announce } = scene();
  const both = ['ClusterMissing ClusterMissing create it', 'Ready ClusterMissing create it'];
  expect(announce(both)).toEqual(['ClusterMissing : create it']);
  expect(announce(['Ready Serving it does']).toSorted()).toEqual([
    'ConditionCleared : ClusterMissing is over',
    'ConditionCleared Serving: Ready is well again: it does',
  ]);
});

test('trouble that the core tells of is told once, and its end here', () => {
  const { announce } = scene();
  expect(announce(['FailoverBlocked QuorumLost x', 'SchemaCurrent MigrationFailed x'])).toEqual([]);
  expect(announce(['FailoverBlocked NotBlocked free', 'SchemaCurrent Current schema 9'])).toEqual([
    'ConditionCleared NotBlocked: FailoverBlocked is well again: free',
    'ConditionCleared Current: SchemaCurrent is well again: schema 9',
  ]);
});
