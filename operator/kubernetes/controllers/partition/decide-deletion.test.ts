import { expect, test } from 'vitest';
import { testPartition } from '../../../partition/objects/test-support/member-input.ts';
import { occupancyIn } from './ask-occupancy.ts';
import { CONFIRM_ANNOTATION, decideDeletion, type Occupancy } from './decide-deletion.ts';

const partition = testPartition();
const annotated = (value: string) => ({
  ...partition,
  metadata: { ...partition.metadata, annotations: { [CONFIRM_ANNOTATION]: value } },
});

test.each<{ name: string; occupancy: Occupancy; confirmed?: string; kind: 'hold' | 'release' }>([
  { name: 'nobody lives there', occupancy: 'empty', kind: 'release' },
  { name: 'somebody does', occupancy: 'occupied', kind: 'hold' },
  { name: 'nobody knows', occupancy: 'unknown', kind: 'hold' },
  { name: 'its record is missing', occupancy: 'recordMissing', kind: 'hold' },
  { name: 'confirmed', occupancy: 'occupied', confirmed: 'users-a', kind: 'release' },
  { name: 'confirmed, whoever lives there', occupancy: 'unknown', confirmed: 'users-a', kind: 'release' },
  { name: 'the name of another', occupancy: 'occupied', confirmed: 'users-b', kind: 'hold' },
  { name: 'no name', occupancy: 'occupied', confirmed: 'true', kind: 'hold' },
])('deletion: $name', ({ occupancy, confirmed, kind }) => {
  const asked = confirmed === undefined ? partition : annotated(confirmed);
  expect(decideDeletion(asked, occupancy).kind).toBe(kind);
});

const user = (partitionOfUser: string) => ({ name: 'a', partition: partitionOfUser, createdAt: 'then' });

test.each<{ name: string; list: Parameters<typeof occupancyIn>[0]; occupancy: Occupancy }>([
  { name: 'others live elsewhere', list: { users: [user('users-b')], unavailable: ['users-b'] }, occupancy: 'empty' },
  {
    name: 'shared mailboxes live here',
    list: { users: [], namespaces: [{ name: 'Shared', partition: 'users-a' }], unavailable: [] },
    occupancy: 'occupied',
  },
  { name: 'one lives here', list: { users: [user('users-a')], unavailable: [] }, occupancy: 'occupied' },
  { name: 'it cannot be asked', list: { users: [user('users-b')], unavailable: ['users-a'] }, occupancy: 'unknown' },
])('users: $name', ({ list, occupancy }) => {
  expect(occupancyIn(list, 'users-a')).toBe(occupancy);
});
