import { expect, test } from 'vitest';
import { MANAGED_BY, missingLabels } from './missing-labels.ts';

const wanted = { [MANAGED_BY]: 'imapcluster-operator', 'imapcluster.io/partition': 'users-a' };

test.each([
  ['all of them', undefined, wanted],
  ['all of them, beside those of others', { backup: 'monday' }, wanted],
  ['one', { [MANAGED_BY]: 'imapcluster-operator' }, { 'imapcluster.io/partition': 'users-a' }],
  ['one that was changed', { ...wanted, 'imapcluster.io/partition': 'b' }, { 'imapcluster.io/partition': 'users-a' }],
  ['none', { ...wanted, backup: 'monday' }, null],
  ['none that it would be given: it is looked after by somebody else', { [MANAGED_BY]: 'Helm' }, null],
])('lacks %s', (_, has, missing) => {
  expect(missingLabels(has, wanted)).toEqual(missing);
});
