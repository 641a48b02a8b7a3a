import { expect, test } from 'vitest';
import { foreignFields } from './foreign-fields.ts';

const ours = { epoch: 3, primary: null, members: [{ name: 'a', timeline: null }], conditions: [{ type: 'Ready' }] };

test.each<{ name: string; live: object | undefined; foreign: readonly string[] }>([
  { name: 'none yet', live: undefined, foreign: [] },
  { name: 'ours', live: ours, foreign: [] },
  { name: 'ours, without nulls', live: { epoch: 3, members: [{ name: 'a' }] }, foreign: [] },
  { name: 'a condition of somebody else', live: { ...ours, conditions: [{ type: 'Mine' }] }, foreign: [] },
  { name: 'a field more', live: { ...ours, step: 'promote' }, foreign: ['step'] },
  { name: 'an item more', live: { ...ours, members: [...ours.members, { name: 'b' }] }, foreign: ['members'] },
  { name: 'a field within', live: { ...ours, members: [{ name: 'a', rejoin: 'Cloning' }] }, foreign: ['members'] },
])('in a status: $name', ({ live, foreign }) => {
  const object = { metadata: { name: 'users-a' }, ...(live === undefined ? {} : { status: live }) };
  expect(foreignFields(ours, object)).toEqual(foreign);
});
