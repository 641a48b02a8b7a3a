import { expect, test } from 'vitest';
import { refuseOrder } from './refuse-order.ts';

const own = { cluster: 'mail', partition: 'users-a', member: 'a0' };
const order = { ...own, id: 'x', epoch: 5, expiresAt: 1000, command: { kind: 'setPeers' as const, peers: [] } };
const facts = { highestEpoch: 5, nowMs: 999 };

test('the same epoch again and a higher one are obeyed', () => {
  expect(refuseOrder(order, own, facts)).toBeNull();
  expect(refuseOrder({ ...order, epoch: 6 }, own, facts)).toBeNull();
});

test.each([
  ['another cluster', { cluster: 'x' }, { status: 400, code: 'WrongMember' }],
  ['another partition', { partition: 'x' }, { status: 400, code: 'WrongMember' }],
  ['another member', { member: 'x' }, { status: 400, code: 'WrongMember' }],
  ['its time is up to the millisecond', { expiresAt: 999 }, { status: 410, code: 'Expired' }],
  ['an older epoch', { epoch: 4 }, { status: 409, code: 'StaleEpoch' }],
] as const)('refused: %s', (_, change, refusal) => {
  expect(refuseOrder({ ...order, ...change }, own, facts)).toMatchObject(refusal);
});
