import { expect, test } from 'vitest';
import { pause } from '#runtime/deadline.ts';
import { lookWhileWaiting } from './look-while-waiting.ts';

const { signal } = new AbortController();

/** Waits until it is given up; `ended` says why it was. */
function forEver() {
  const ended: unknown[] = [];
  const wait = async (given: AbortSignal): Promise<never> => {
    await pause(60_000, given);
    ended.push(given.reason);
    throw given.reason;
  };
  return { ended, wait };
}

test('what is waited for comes first: nobody looks any more', async () => {
  let looks = 0;
  const look = async () => {
    looks += 1;
    return null;
  };
  const end = await lookWhileWaiting({ signal, wait: async () => 'writer', look });
  expect(end).toEqual({ by: 'waiting', value: 'writer' });
  await pause(1_100);
  expect(looks).toBe(0);
});

test('what is looked for comes first: nobody waits any more', async () => {
  const { ended, wait } = forEver();
  let looks = 0;
  const look = async () => {
    looks += 1;
    return looks < 2 ? null : 'replica';
  };
  expect(await lookWhileWaiting({ signal, wait, look })).toEqual({ by: 'looking', value: 'replica' });
  await expect.poll(() => ended).toHaveLength(1);
});

test('a wait in vain, a look that fails and the end of the session end both', async () => {
  const { ended, wait } = forEver();
  const none = async () => null;
  await expect(lookWhileWaiting({ signal, wait: () => Promise.reject(new Error('late')), look: none })).rejects.toThrow(
    'late',
  );
  const failing = () => Promise.reject(new Error('broken'));
  await expect(lookWhileWaiting({ signal, wait, look: failing })).rejects.toThrow('broken');
  const gone = new AbortController();
  const left = lookWhileWaiting({ signal: gone.signal, wait, look: none });
  gone.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  expect(ended).toHaveLength(2);
});
