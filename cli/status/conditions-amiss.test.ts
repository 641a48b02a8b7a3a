import { expect, test } from 'vitest';
import { conditionsAmiss } from './conditions-amiss.ts';

const dated = { message: '', lastTransitionTime: '' };

test('good ones that do not hold, bad ones that do, and no unknown one', () => {
  const all = [
    'Ready',
    'ReplicationHealthy',
    'TargetsConverged',
    'QuorumSafe',
    'SchemaCurrent',
    'MembersReady',
    'MembersSettled',
    'VolumesSized',
    'FailoverBlocked',
    'PlacementConflict',
    'OfANewerOperator',
  ];
  const conditions = all.flatMap((type) =>
    (['True', 'False', 'Unknown'] as const).map((status) => ({ type, status, reason: 'Because', ...dated })),
  );
  expect(conditionsAmiss(conditions).map(({ type, status }) => `${type} ${status}`)).toEqual([
    'Ready False',
    'ReplicationHealthy False',
    'TargetsConverged False',
    'QuorumSafe False',
    'SchemaCurrent False',
    'MembersReady False',
    'MembersSettled False',
    'VolumesSized False',
    'FailoverBlocked True',
    'PlacementConflict True',
    'OfANewerOperator True',
  ]);
  expect(conditionsAmiss()).toEqual([]);
});

test.each([
  { status: 'True', reason: 'RollingOut', amiss: false },
  { status: 'False', reason: 'RolledOut', amiss: false },
  { status: 'False', reason: 'Stuck', amiss: true },
] as const)('Progressing $status ($reason)', ({ status, reason, amiss }) => {
  expect(conditionsAmiss([{ type: 'Progressing', status, reason, ...dated }])).toHaveLength(amiss ? 1 : 0);
});
