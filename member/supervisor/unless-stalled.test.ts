import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { unlessStalled } from './unless-stalled.ts';

const quiet = () => undefined;
const { signal } = new AbortController();

/** Until the copy is given up. */
const forever = (limit: AbortSignal): Promise<never> =>
  new Promise((_, reject) => limit.addEventListener('abort', () => reject(limit.reason), { once: true }));

test('a source that falls silent is given up by name', async () => {
  const copy = unlessStalled({ what: 'a1', progress: quiet, signal, stalledMs: 20 }, (_, limit) => forever(limit));
  await expect(copy).rejects.toThrow('a1 has sent nothing of the copy for 0.02 s');
});

test('one that goes on may take as long as it takes; what it tells is handed on', async () => {
  const told: (number | null)[] = [];
  const progress = (_: string, fraction: number | null) => void told.push(fraction);
  const copy = unlessStalled({ what: 'a1', progress, signal, stalledMs: 200 }, async (noted, limit) => {
    for (const fraction of [0.1, 0.2, 0.3, 0.4, 0.5]) {
      await sleep(60);
      limit.throwIfAborted();
      noted('cloning', fraction);
    }
    return 'done';
  });
  expect(await copy).toBe('done');
  expect(told).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
});

test('whoever gives it up for another reason is heard', async () => {
  const given = new AbortController();
  const copy = unlessStalled({ what: 'a1', progress: quiet, signal: given.signal }, (_, limit) => forever(limit));
  given.abort(new Error('superseded'));
  await expect(copy).rejects.toThrow('superseded');
});
