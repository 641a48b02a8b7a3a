import { expect, test } from 'vitest';
import { CommandQueue } from './command-queue.ts';

const order = { epoch: 1, urgent: false };

/** Work that lasts until it is given up or let go. */
function work(): { readonly job: (signal: AbortSignal) => Promise<string>; readonly finish: () => void } {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const job = (signal: AbortSignal): Promise<string> => {
    signal.addEventListener('abort', () => reject(signal.reason));
    return promise;
  };
  return { job, finish: () => resolve('done') };
}

test('one at a time, in order', async () => {
  const queue = new CommandQueue();
  const happened: string[] = [];
  const first = work();
  const running = queue.run(order, async (signal) => happened.push(await first.job(signal)));
  const next = queue.run(order, async () => happened.push('next'));
  expect(queue.idle).toBe(false);
  first.finish();
  await Promise.all([running, next]);
  expect(happened).toEqual(['done', 'next']);
  expect(queue.idle).toBe(true);
});

test.each([
  ['an urgent one', { epoch: 1, urgent: true }],
  ['a higher epoch', { epoch: 2, urgent: false }],
])('%s ends what is under way, and runs after it', async (_, ahead) => {
  const queue = new CommandQueue();
  const first = work();
  const running = queue.run(order, first.job);
  // One turn, so that the first has begun.
  await Promise.resolve();
  const next = queue.run(ahead, async () => 'ahead');
  await expect(running).rejects.toMatchObject({ code: 'Superseded' });
  expect(await next).toBe('ahead');
});

test('a failure does not stop those behind it', async () => {
  const queue = new CommandQueue();
  const failing = queue.run(order, async () => {
    throw new Error('no');
  });
  const next = queue.run(order, async () => 'next');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('next');
});
