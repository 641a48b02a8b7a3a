import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fewAtATime } from './few-at-a-time.ts';

test('of many some go at once, the others a few in each turn of the event loop, in their order', async () => {
  const gone: number[] = [];
  const all = Array.from({ length: 20 }, async (_, each) => {
    await fewAtATime();
    gone.push(each);
  });
  await Promise.resolve();
  const first = gone.length;
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(all.length);
  await setImmediate();
  expect(gone.length).toBeLessThanOrEqual(2 * first);
  await Promise.all(all);
  expect(gone).toEqual(Array.from({ length: 20 }, (_, each) => each));
});
