import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { memberInput } from '../../../partition/objects/test-support/member-input.ts';
import { newRecord } from '../../../partition/record.ts';
import { desiredVolume } from '../../members/desired-volume.ts';
import { unmarked } from '../../members/volume-marks.ts';
import { type Past, pastOf, type Traces } from './past-of.ts';

const volume = (marks: Partial<typeof unmarked>) =>
  desiredVolume(memberInput(), { member: memberName('users-a-0'), marks: { ...unmarked, ...marks }, live: null });
const database = { image: 'postgres:18', majorVersion: 18 };
const used = volume({ joined: true, database });
const fresh = volume({ joined: true });
const target = { epoch: 3, writer: memberName('users-a-0'), readers: [] };
const obeyed = (highestEpoch: number) => ({ report: { highestEpoch } }) as Traces['sightings'][number];
const silent = { report: null };

test.each<{ name: string; traces: Partial<Traces>; past: Past }>([
  { name: 'nothing is there', traces: {}, past: 'new' },
  {
    name: 'volumes on which nothing has run',
    traces: { volumes: [fresh], sightings: [silent, obeyed(0)] },
    past: 'new',
  },
  { name: 'the first servers start', traces: { record: newRecord, volumes: [fresh] }, past: 'new' },
  { name: 'made, and nobody told', traces: { record: { ...newRecord, epoch: 1 }, volumes: [used] }, past: 'new' },
  {
    name: 'an old record of before imapd were told',
    traces: { record: { ...newRecord, epoch: 1 }, sightings: [obeyed(1), obeyed(2)] },
    past: 'recordMissing',
  },
  {
    name: 'the first primary has obeyed, and nobody was told',
    traces: { record: { ...newRecord, epoch: 1 }, volumes: [used], sightings: [obeyed(1)] },
    past: 'new',
  },
  { name: 'imapd were told', traces: { record: { ...newRecord, epoch: 3, target } }, past: 'served' },
  { name: 'a volume has data, no record', traces: { volumes: [fresh, used] }, past: 'recordMissing' },
  { name: 'a retired one has', traces: { volumes: [volume({ retired: 'Lost', database })] }, past: 'recordMissing' },
  { name: 'a volume has data, a new record', traces: { record: newRecord, volumes: [used] }, past: 'recordMissing' },
  { name: 'a server has obeyed before', traces: { sightings: [silent, obeyed(2)] }, past: 'recordMissing' },
  {
    name: 'a server has obeyed before, a new record',
    traces: { record: newRecord, sightings: [obeyed(2)] },
    past: 'recordMissing',
  },
])('$name: $past', ({ traces, past }) => {
  expect(pastOf({ record: null, volumes: [], sightings: [], ...traces })).toBe(past);
});
