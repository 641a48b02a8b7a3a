import { expect, test } from 'vitest';
import { untilAborted } from './until-aborted.ts';

test('settles when the signal fires, and not before', async () => {
  const stop = new AbortController();
  let settled = false;
  const waiting = untilAborted(stop.signal).then(() => (settled = true));
  await Promise.resolve();
  expect(settled).toBe(false);
  stop.abort();
  expect(await waiting).toBe(true);
});

test('a signal that fired before anybody waited is not waited for', async () => {
  await untilAborted(AbortSignal.abort());
});
