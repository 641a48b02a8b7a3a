import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { newRecord } from '../partition/record.ts';
import { whoMustReturn } from './who-must-return.ts';

const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map(memberName) as [never, never, never, never, never];
const away = (member: never) => ({ member, step: 'clone', lastEpoch: 0, since: 0, problem: null }) as const;

// Members besides the primary a, how many of them commits wait for, who can be asked, who is on the way back.
test.each([
  ['one of three is away', { set: [b, c], required: 1, asked: [b], back: [] }, 'c, or the primary a'],
  ['it is on its way back', { set: [b, c], required: 1, asked: [b], back: [c] }, 'the primary a'],
  ['both are away', { set: [b, c], required: 1, asked: [], back: [] }, 'b and c, or the primary a'],
  ['two of five are away', { set: [b, c, d, e], required: 2, asked: [b, c], back: [] }, '1 of d, e, or the primary a'],
  ['one of them for good', { set: [b, c, d, e], required: 2, asked: [b, c], back: [d] }, 'e, or the primary a'],
  [
    'three of five are away',
    { set: [b, c, d, e], required: 2, asked: [b], back: [] },
    '2 of c, d, e, or the primary a',
  ],
  ['all of them for good', { set: [b, c, d, e], required: 2, asked: [b], back: [c, d] }, 'the primary a'],
])('%s', (_, { set, required, asked, back }, expected) => {
  const record = { ...newRecord, synchronous: { required, members: set }, rejoining: back.map(away) };
  const words = whoMustReturn(record, { primary: a, asked, lacking: [] });
  const missing = set.filter((member) => !(asked as readonly never[]).includes(member));
  expect(words).toBe(`what was acknowledged may be on ${missing.join(', ')} alone: bring back ${expected}`);
});

test.each([
  [
    'one of three',
    { set: [b, c], required: 1, asked: [b], lacking: [c] },
    { on: 'the primary a', back: 'the primary a' },
  ],
  [
    'the other is away',
    { set: [b, c], required: 1, asked: [], lacking: [c] },
    { on: 'b, the primary a', back: 'the primary a' },
  ],
  [
    'of five, two are away',
    { set: [b, c, d, e], required: 2, asked: [b], lacking: [c] },
    { on: 'd, e, the primary a', back: 'd and e, or the primary a' },
  ],
])(
  'one that is there and may lack what it acknowledged is no help: %s',
  (_, { set, required, ...asked }, { on, back }) => {
    const words = whoMustReturn({ ...newRecord, synchronous: { required, members: set } }, { primary: a, ...asked });
    expect(words).toBe(`what was acknowledged may be on ${on} alone: bring back ${back}`);
  },
);
