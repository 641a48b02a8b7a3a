import { expect, test } from 'vitest';
import { buildInput } from '../test-support/build-input.ts';
import { conditionsOf } from './conditions.ts';
import type { Condition } from './record.ts';

const YES: Condition = {
  type: 'TargetsConverged',
  status: 'True',
  reason: 'TargetsConverged',
  message: 'they do',
  lastTransitionTime: 7,
};
const NO: Condition = { ...YES, status: 'False', reason: 'TargetsLagging', message: 'not yet: i0' };

test.each<{ name: string; before: Condition | null; lagging: string[]; overdue: string[]; told: object }>([
  { name: 'a document is under way', before: YES, lagging: ['i0'], overdue: [], told: { status: 'True' } },
  { name: '… and nothing was told before', before: null, lagging: ['i0'], overdue: [], told: { status: 'False' } },
  {
    name: 'one does not obey',
    before: YES,
    lagging: ['i0', 'i1'],
    overdue: ['i1'],
    told: { status: 'False', message: 'not yet: i1' },
  },
  { name: '… and obeys', before: NO, lagging: [], overdue: [], told: { status: 'True', reason: 'TargetsConverged' } },
  { name: '… or takes a newer one', before: NO, lagging: ['i0'], overdue: [], told: { ...NO } },
])('$name', ({ before, lagging, overdue, told }) => {
  const input = buildInput({ record: { conditions: before === null ? [] : [before] } });
  const conditions = conditionsOf({
    ...input,
    convergence: { lagging, overdue },
    decision: { kind: 'nothing' },
    phase: 'Healthy',
    quorumSafe: true,
  });
  expect(conditions.find(({ type }) => type === 'TargetsConverged')).toMatchObject(told);
});
