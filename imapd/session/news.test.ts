import { expect, test } from 'vitest';
import { deliverUntil, type News } from './news.ts';
import type { Output } from './output.ts';

const output: Output = { write: async () => undefined, writePart: async () => undefined };

/** News that waits, and how often it was told. */
function waitingNews(): News & { told: number } {
  return {
    selected: { messages: 'now', flags: true, fetch: [] },
    told: 0,
    get waiting() {
      return this.told === 0;
    },
    listen: () => undefined,
    async deliver() {
      this.told += 1;
    },
    did: () => undefined,
    admits: () => true,
    close: () => undefined,
  };
}

/** As reading what has arrived already takes it: several steps, and nothing that is waited for. */
async function inSteps(steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) await Promise.resolve();
}

test('a command that has arrived already comes before all news: what it says was meant before them', async () => {
  const news = waitingNews();
  await deliverUntil(inSteps(20), news, { output, selection: null });
  expect(news.told).toBe(0);
});

test('while nothing comes, news are told', async () => {
  const news = waitingNews();
  const { promise, resolve } = Promise.withResolvers<void>();
  const delivering = deliverUntil(promise, news, { output, selection: null });
  await expect.poll(() => news.told).toBe(1);
  resolve();
  await delivering;
});
