import { expect, test } from 'vitest';
import { ConnectRamp } from './connect-ramp.ts';

test('two at a time, in order', async () => {
  const ramp = new ConnectRamp();
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const all = gates.map((gate, i) =>
    ramp.run(async () => {
      begun.push(i);
      await gate.promise;
      return i;
    }),
  );
  expect([begun, ramp.waiting]).toEqual([[0, 1], 3]);
  gates[1]?.resolve();
  await all[1];
  await Promise.resolve();
  expect([begun, ramp.waiting]).toEqual([[0, 1, 2], 2]);
  for (const gate of gates) gate.resolve();
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4]);
});

test('a failure is everybody’s who waits, and the next ones begin anew', async () => {
  const ramp = new ConnectRamp();
  const refuse = Promise.withResolvers<never>();
  const all = Array.from({ length: 4 }, () => ramp.run(() => refuse.promise));
  refuse.reject(new Error('refused'));
  const settled = await Promise.allSettled(all);
  expect(settled.map((one) => one.status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
  expect(await Promise.all([1, 2, 3].map((i) => ramp.run(async () => i)))).toEqual([1, 2, 3]);
  expect(ramp.waiting).toBe(0);
});

test('a failure that is somebody’s own leaves the others their turn', async () => {
  const ramp = new ConnectRamp();
  const refuse = Promise.withResolvers<never>();
  const all = [0, 1, 2, 3].map((i) => ramp.run(async () => (i < 2 ? await refuse.promise : i), isOwnError));
  refuse.reject(new Error('own'));
  const settled = await Promise.allSettled(all);
  expect(settled.map((one) => one.status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled']);
  expect(ramp.waiting).toBe(0);
});
const isOwnError = (error: unknown): boolean => error instanceof Error && error.message === 'own';
