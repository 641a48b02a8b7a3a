import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import type { Rejoining } from '../../partition/record.ts';
import { mayHaveDonor } from './may-have-donor.ts';

const a1 = memberName('a1');
const FULL = 'DiskFull: ENOSPC: no space left on device, write';
const DONOR_FULL = 'DiskFull: could not write to file "base/pgsql_tmp": No space left on device';

test.each<[string, Partial<Rejoining>, boolean]>([
  ['the first try', {}, true],
  ['one that was begun', { donor: a1 }, true],
  ['in vain of a replica', { donor: a1, problem: 'unreachable: x' }, false],
  ['in vain of the primary', { problem: 'Failed: x' }, true],
  ['no room of its own, of a replica', { donor: a1, problem: FULL }, true],
  ['no room of its own, of the primary', { problem: FULL }, true],
  ['no room where the replica is', { donor: a1, problem: DONOR_FULL }, false],
  ['no room by another word, of the primary', { problem: DONOR_FULL }, false],
  ['an agent of before', { takesNoDonor: true }, false],
  ['an agent of before, in vain of the primary', { takesNoDonor: true, problem: 'Failed: x' }, false],
])('%s: %j, %s', (_, entry, may) => {
  const fresh: Rejoining = { member: memberName('a2'), step: 'clone', lastEpoch: 0, since: 0, problem: null };
  expect(mayHaveDonor({ ...fresh, ...entry })).toBe(may);
});
