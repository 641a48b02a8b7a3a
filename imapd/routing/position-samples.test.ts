import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PositionSamples } from './position-samples.ts';

function sampled(...samples: readonly (readonly [number, bigint])[]): PositionSamples {
  const all = new PositionSamples();
  for (const [at, position] of samples) all.add(at, position);
  return all;
}

test('a replica is as old as the newest sample that it has replayed', () => {
  const samples = sampled([0, 100n], [500, 180n], [1000, 180n], [1500, 260n]);
  expect(samples.ageOf(200n, 1600)).toBe(600);
  expect(samples.ageOf(260n, 1600)).toBe(100);
  expect(samples.ageOf(999n, 1600)).toBe(100);
});

test('older than every sample is older than the oldest; nothing is known without one', () => {
  expect(sampled([1000, 100n]).ageOf(99n, 1500)).toBeGreaterThan(500);
  expect(new PositionSamples().ageOf(99n, 1500)).toBeNull();
});

test('while there is no writer nobody grows older, and a new one begins anew', () => {
  const samples = sampled([0, 100n]);
  samples.freeze(300);
  samples.freeze(900);
  samples.add(1000, 200n);
  expect(samples.ageOf(100n, 60_000)).toBe(300);
  samples.drop();
  expect(samples.ageOf(100n, 60_000)).toBeNull();
  samples.add(60_000, 150n);
  expect(samples.ageOf(150n, 60_200)).toBe(200);
});

test('what was committed before a reader’s age is always there', () => {
  // A log that grows by random steps, sampled each step; a reader somewhere in it must hold all that is older than its age.
  const growth = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(growth, fc.nat(), (steps, at) => {
      const samples = new PositionSamples();
      let position = 0n;
      const positionAt = steps.map((step, i) => {
        position += BigInt(step);
        samples.add(i * 500, position);
        return position;
      });
      const replayed = positionAt[at % positionAt.length] ?? 0n;
      const now = steps.length * 500;
      const age = samples.ageOf(replayed, now) ?? 0;
      const needed = positionAt.findLast((_, i) => i * 500 <= now - age) ?? 0n;
      expect(replayed >= needed).toBe(true);
    }),
  );
});
