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
  const told: OperatorEvent[] = [];
  const events = { emit: (event: OperatorEvent) => void emitted.push(event) };
  const announce = (lines: readonly string[], uid = '1') => {
    const live = { metadata: { ...object.metadata, uid } };
    announcer.announce({ live, conditions: conditionsOf(lines), events, partition: partitionName('users-a') });
    told.push(...emitted);
    return emitted.splice(0).map(({ code, condition, message }) => `${code} ${condition?.reason ?? ''}: ${message}`);
  };
  return { announcer, announce, told };
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

test('a server that ends again and again: each time, as the same again, whatever the end of its log says', () => {
  const { announce, told } = scene();
  const down = (line: string) => [`MembersReady ServerDown users-a-1: the server ended: ${line}`];
  const starting = ['MembersReady Starting users-a-1 is not ready yet'];
  for (const line of ['12:00:01 FATAL', '12:00:07 FATAL', '12:00:19 FATAL']) {
    expect(announce(down(line))).toHaveLength(1);
    expect(announce(down(`${line} again`))).toEqual([]);
    expect(announce(starting)).toEqual([]);
  }
  expect(new Set(told.map(({ series }) => series)).size).toBe(1);
  expect(announce(['MembersReady ServerDown users-a-2: the server ended'])).toHaveLength(1);
  expect(new Set(told.map(({ series }) => series)).size).toBe(2);
});

test('what failed is one thing however it failed; what is to be mended is not', () => {
  const { announce, told } = scene();
  for (const words of ['took 12 ms', 'took 13 ms']) announce([`ReconcileFailed ReconcileFailed ${words}`]);
  for (const words of ['slots 1-2', 'slots 3-4']) announce([`PlacementConflict PlacementConflict ${words}`]);
  expect(told.map(({ code, series }) => [code, series])).toEqual([
    ['ReconcileFailed', 'ReconcileFailed'],
    ['ReconcileFailed', 'ReconcileFailed'],
    ['PlacementConflict', undefined],
    ['ConditionCleared', undefined],
    ['PlacementConflict', undefined],
  ]);
});
