import { expect, test } from 'vitest';
import { ConnectRamp } from './connect-ramp.ts';

const NOBODY = { first: 0, others: 0 };

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
  expect([begun, ramp.waiting.others]).toEqual([[0, 1], 3]);
  gates[1]?.resolve();
  await all[1];
  await Promise.resolve();
  expect([begun, ramp.waiting.others]).toEqual([[0, 1, 2], 2]);
  for (const gate of gates) gate.resolve();
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4]);
});

test('who goes first waits behind its like alone', async () => {
  const ramp = new ConnectRamp();
  const gate = Promise.withResolvers<void>();
  const begun: string[] = [];
  const connect = (name: string, first: boolean) =>
    ramp.run(
      async () => {
        begun.push(name);
        await gate.promise;
      },
      { first },
    );
  const all = ['read 1', 'read 2', 'read 3', 'write 1', 'read 4', 'write 2'].map((name) =>
    connect(name, name.startsWith('write')),
  );
  expect(ramp.waiting).toEqual({ first: 2, others: 2 });
  gate.resolve();
  await Promise.all(all);
  expect(begun).toEqual(['read 1', 'read 2', 'write 1', 'write 2', 'read 3', 'read 4']);
});

test('a failure is everybody’s who waits, and the next ones begin anew', async () => {
  const ramp = new ConnectRamp();
  const refuse = Promise.withResolvers<never>();
  const all = Array.from({ length: 4 }, () => ramp.run(() => refuse.promise));
  refuse.reject(new Error('refused'));
  const settled = await Promise.allSettled(all);
  expect(settled.map((one) => one.status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
  expect(await Promise.all([1, 2, 3].map((i) => ramp.run(async () => i)))).toEqual([1, 2, 3]);
  expect(ramp.waiting).toEqual(NOBODY);
});

test('a failure that is somebody’s own leaves the others their turn', async () => {
  const ramp = new ConnectRamp();
  const refuse = Promise.withResolvers<never>();
  const all = [0, 1, 2, 3].map((i) => ramp.run(async () => (i < 2 ? await refuse.promise : i), { isOwn: isOwnError }));
  refuse.reject(new Error('own'));
  const settled = await Promise.allSettled(all);
  expect(settled.map((one) => one.status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled']);
  expect(ramp.waiting).toEqual(NOBODY);
});
const isOwnError = (error: unknown): boolean => error instanceof Error && error.message === 'own';
