import { expect, test } from 'vitest';
import { WriteLease } from './write-lease.ts';

const asynchronous = (epoch: number) => ({ epoch, durability: 'Async' as const, leaseSeconds: 5 });

test('Quorum needs no lease', () => {
  const lease = new WriteLease();
  lease.retarget({ epoch: 1, durability: 'Quorum', leaseSeconds: null });
  expect(lease.remainingMs(1e9)).toBeNull();
  expect(lease.allows(1e9)).toBe(true);
});

test('a lease counts from its proof, not from when the proof arrived', () => {
  const lease = new WriteLease();
  lease.retarget(asynchronous(1));
  expect(lease.allows(0)).toBe(false);
  lease.prove({ epoch: 1, since: 1_000 });
  expect(lease.remainingMs(3_500)).toBe(2_500);
  expect(lease.allows(5_999)).toBe(true);
  expect(lease.allows(6_000)).toBe(false);
});

test('an older proof shortens nothing, a longer grant than the document allows stretches nothing', () => {
  const lease = new WriteLease();
  lease.retarget(asynchronous(1));
  lease.prove({ epoch: 1, since: 2_000 });
  lease.prove({ epoch: 1, since: 500 });
  expect(lease.remainingMs(2_000)).toBe(5_000);
  lease.prove({ epoch: 1, since: 2_000, seconds: 60 });
  expect(lease.remainingMs(2_000)).toBe(5_000);
});

test('a proof of another epoch is none, and a new epoch ends what there was', () => {
  const lease = new WriteLease();
  lease.retarget(asynchronous(2));
  lease.prove({ epoch: 1, since: 0 });
  expect(lease.allows(0)).toBe(false);
  lease.prove({ epoch: 2, since: 0 });
  lease.retarget(asynchronous(2));
  expect(lease.allows(0)).toBe(true);
  lease.retarget(asynchronous(3));
  expect(lease.allows(0)).toBe(false);
});
