import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { UserList } from '#contract/users-api.ts';
import { testPartition } from '../../../partition/objects/test-support/member-input.ts';
import type { Pod } from '../../../ports.ts';
import { askOccupancy, occupancyIn } from './ask-occupancy.ts';
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
const partitions = ['users-a', 'users-b'];

const lists: readonly { readonly name: string; readonly list: UserList; readonly occupancy: Occupancy }[] = [
  {
    name: 'others live elsewhere',
    list: { users: [user('users-b')], partitions, unavailable: ['users-b'] },
    occupancy: 'empty',
  },
  {
    name: 'shared mailboxes live here',
    list: { users: [], namespaces: [{ name: 'Shared', partition: 'users-a' }], partitions, unavailable: [] },
    occupancy: 'occupied',
  },
  { name: 'one lives here', list: { users: [user('users-a')], partitions, unavailable: [] }, occupancy: 'occupied' },
  {
    name: 'it cannot be asked',
    list: { users: [user('users-b')], partitions, unavailable: ['users-a'] },
    occupancy: 'unknown',
  },
  {
    name: 'a document without it is obeyed',
    list: { users: [], partitions: ['users-b'], unavailable: [] },
    occupancy: 'unknown',
  },
  { name: 'an imapd of before does not tell', list: { users: [], unavailable: [] }, occupancy: 'unknown' },
  {
    name: 'an imapd of before has somebody',
    list: { users: [user('users-a')], unavailable: [] },
    occupancy: 'occupied',
  },
];

test.each(lists)('users: $name', ({ list, occupancy }) => {
  expect(occupancyIn(list, 'users-a')).toBe(occupancy);
});

/** An imapd that answers with this list. */
async function imapd(stack: AsyncDisposableStack, list: UserList): Promise<Pod> {
  const server = createServer((_, response) => response.end(JSON.stringify(list)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  stack.defer(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { name: `imapd-${port}`, adminUrl: `http://127.0.0.1:${port}` };
}

test.each<{ name: string; asked: readonly UserList[]; occupancy: Occupancy }>([
  { name: 'nobody is there', asked: [], occupancy: 'unknown' },
  {
    name: 'the first has a document of before it',
    asked: [
      { users: [], partitions: [], unavailable: [] },
      { users: [user('users-a')], partitions, unavailable: [] },
    ],
    occupancy: 'occupied',
  },
  { name: 'all have', asked: [{ users: [], partitions: [], unavailable: [] }], occupancy: 'unknown' },
])('imapd are asked: $name', async ({ asked, occupancy }) => {
  await using stack = new AsyncDisposableStack();
  const pods = await Promise.all(asked.map((list) => imapd(stack, list)));
  expect(await askOccupancy({ partition: 'users-a', pods, adminToken: 'token' })).toBe(occupancy);
});
