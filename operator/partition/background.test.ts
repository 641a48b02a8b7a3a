import { expect, test } from 'vitest';
import { VirtualClock } from '../test-support/virtual-clock.ts';
import { Background, type TaskEnd } from './background.ts';

function start() {
  const clock = new VirtualClock();
  const errors: unknown[] = [];
  const background = new Background({ clock, onEnd: () => undefined, onError: (_key, error) => errors.push(error) });
  return { clock, errors, background };
}

/** A task that ends when it is told to, or given up. */
function waiting() {
  const { promise, resolve } = Promise.withResolvers<TaskEnd>();
  const task = async (signal: AbortSignal): Promise<TaskEnd> => {
    signal.addEventListener('abort', () => resolve('again'), { once: true });
    return await promise;
  };
  return { task, end: resolve };
}

test('one task a key at a time', async () => {
  const { background } = start();
  const { task, end } = waiting();
  expect(background.start('a1', task)).toBe(true);
  expect(background.start('a1', task)).toBe(false);
  expect(background.start('a2', async () => 'done')).toBe(true);
  end('done');
  await background.ended();
  expect(background.start('a1', async () => 'done')).toBe(true);
});

test('what failed waits longer each time, and from the start again once it went well', async () => {
  const { background, clock } = start();
  const startsAfter = async (ms: number, end: TaskEnd): Promise<boolean> => {
    void clock.sleep(ms);
    await clock.until(() => false, ms - 1);
    const started = background.start('a1', async () => end);
    await background.ended();
    return started;
  };
  background.start('a1', async () => 'again');
  await background.ended();
  expect(await startsAfter(100, 'again')).toBe(false);
  expect(await startsAfter(200, 'again')).toBe(true);
  expect(await startsAfter(300, 'again')).toBe(false);
  expect(await startsAfter(250, 'done')).toBe(true);
  expect(background.start('a1', async () => 'done')).toBe(true);
});

test('a task that throws is told and tried again later; one that was given up is not told', async () => {
  const { background, errors } = start();
  background.start('a1', async () => {
    throw new Error('broken');
  });
  await background.ended();
  background.start('a2', async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    throw new Error('given up');
  });
  background.giveUp();
  await background.ended();
  expect(errors).toEqual([new Error('broken')]);
});

test('closed, it gives up what runs and starts nothing more, so that the end of a turn cannot outlive the loop', async () => {
  const { background } = start();
  const { task } = waiting();
  background.start('a1', task);
  background.close();
  expect(background.start('a2', async () => 'done')).toBe(false);
  await background.ended();
});
