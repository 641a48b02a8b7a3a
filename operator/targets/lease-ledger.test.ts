import { expect, test } from 'vitest';
import { partitionName } from '#contract/names.ts';
import { LeaseLedger } from './lease-ledger.ts';

const users = partitionName('users-b');
const LEASE = 5_000;
/** Started long ago: no lease of an earlier operator is left. */
const settled = () => new LeaseLedger(LEASE, -60_000);
const fencedOnly = (...pods: string[]) => new Set(pods);

test('everybody acknowledged the fence: nothing is waited for', () => {
  const ledger = settled();
  ledger.granted(users, 'p0', 1_000);
  expect(ledger.outstandingMs(users, { now: 1_500, fenced: fencedOnly('p0'), known: ['p0'] })).toBe(0);
});

test('one did not: it may have renewed by itself until now, so a whole lease', () => {
  const ledger = settled();
  ledger.granted(users, 'p1', 1_000);
  expect(ledger.outstandingMs(users, { now: 1_500, fenced: fencedOnly('p0'), known: ['p0', 'p1'] })).toBe(LEASE);
});

test('gone from the list is not dead: its lease is waited for, and forgotten when it has run out', () => {
  const ledger = settled();
  ledger.granted(users, 'p1', 1_000);
  const around = { fenced: fencedOnly('p0'), known: ['p0'] };
  expect(ledger.outstandingMs(users, { now: 5_900, ...around })).toBe(LEASE);
  expect(ledger.outstandingMs(users, { now: 6_100, ...around })).toBe(0);
});

test('a new leader waits out what its predecessor may have granted to processes it never saw', () => {
  const ledger = new LeaseLedger(LEASE, 1_000);
  expect(ledger.outstandingMs(users, { now: 3_000, fenced: fencedOnly('p0'), known: ['p0'] })).toBe(3_000);
  expect(ledger.outstandingMs(users, { now: 7_000, fenced: fencedOnly('p0'), known: ['p0'] })).toBe(0);
});

test('leases of one partition say nothing of another', () => {
  const ledger = settled();
  ledger.granted(partitionName('other'), 'p9', 1_000);
  expect(ledger.outstandingMs(users, { now: 1_500, fenced: fencedOnly(), known: [] })).toBe(0);
});
