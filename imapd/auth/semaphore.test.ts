import { expect, test } from 'vitest';
import { Semaphore } from './semaphore.ts';

test('so many at a time, in order, and a failure makes room too', async () => {
  const semaphore = new Semaphore(2);
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const work = Array.from({ length: 6 }, (_, i) =>
    semaphore.run(async () => {
      running += 1;
      most = Math.max(most, running);
      order.push(i);
      await Promise.resolve();
      running -= 1;
      if (i === 1) throw new Error('this one fails');
      return i;
    }),
  );
  const settled = await Promise.allSettled(work);
  expect(settled.map(({ status }) => status === 'fulfilled')).toEqual([true, false, true, true, true, true]);
  expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  expect(most).toBe(2);
});
