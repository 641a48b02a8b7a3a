import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../test-support/virtual-clock.ts';
import { type WorkOutcome, WorkQueue } from './work-queue.ts';

type Run = { readonly key: string; readonly from: number; to: number };

type Ways = {
  readonly parallelism?: number;
  readonly respite?: (key: string, now: number) => number;
  readonly urgent?: (key: string) => Promise<void>;
};

/** A queue whose works take `takes` ms each and end as `outcome` says. */
function createQueue(
  takes: number,
  outcome: (key: string, nth: number) => WorkOutcome | Error,
  { parallelism = 2, respite = () => 0, urgent }: Ways = {},
) {
  const clock = new VirtualClock();
  const runs: Run[] = [];
  const failures: string[] = [];
  let running = 0;
  let most = 0;
  const queue = new WorkQueue({
    parallelism,
    respite: (key) => respite(key, clock.monotonic()),
    ...(urgent === undefined ? {} : { urgent }),
    longestRespiteMs: 2_000,
    firstPauseMs: 100,
    longestPauseMs: 1_000,
    clock,
    random: () => 1,
    failed: (key) => failures.push(key),
    async work(key, signal) {
      const run = { key, from: clock.monotonic(), to: Number.POSITIVE_INFINITY };
      const nth = runs.filter((other) => other.key === key).length;
      runs.push(run);
      running += 1;
      most = Math.max(most, running);
      await clock.sleep(takes, signal);
      running -= 1;
      run.to = clock.monotonic();
      const ended = outcome(key, nth);
      if (ended instanceof Error) throw ended;
      return ended;
    },
  });
  const pass = async (ms: number): Promise<void> => {
    // Somebody has to wait for that very moment, or virtual time goes on past it.
    const end = clock.monotonic() + Math.max(1, ms);
    const alarm = clock.sleep(ms);
    await clock.until(() => clock.monotonic() >= end, ms + 1);
    await alarm;
  };
  return { clock, queue, runs, failures, pass, most: () => most, running: () => running };
}

const done: WorkOutcome = { kind: 'done' };
const keys = (runs: readonly Run[]): string => runs.map(({ key }) => key).join('');
const starts = (runs: readonly Run[]): readonly number[] => runs.map(({ from }) => from - (runs[0]?.from ?? 0));

test('works in the order of arrival, a key that is added twice once, at most so many at a time', async () => {
  const { queue, runs, pass, most } = createQueue(10, () => done);
  for (const key of 'abacbd') queue.add(key);
  await pass(100);
  expect(keys(runs)).toBe('abcd');
  expect(most()).toBe(2);
});

test('a key added while it is worked on is worked on once more, afterwards and behind the others', async () => {
  const { queue, runs, pass } = createQueue(10, () => done, { parallelism: 1 });
  for (const key of 'ab') queue.add(key);
  await pass(5);
  for (const key of 'aa') queue.add(key);
  await pass(100);
  expect(keys(runs)).toBe('aba');
});

test('a failing key comes back after longer and longer pauses, and holds nobody else up', async () => {
  const { queue, runs, failures, pass } = createQueue(1, (key) => (key === 'a' ? new Error('no') : done));
  queue.add('a');
  queue.add('b');
  await pass(4_000);
  const gaps = starts(runs.filter(({ key }) => key === 'a'));
  expect(gaps.slice(1, 6).map((at, index) => at - (gaps[index] ?? 0))).toEqual([101, 201, 401, 801, 1_001]);
  expect(failures.length).toBe(gaps.length);
  expect(runs.filter(({ key }) => key === 'b')).toHaveLength(1);
});

test('a success forgets the pauses; news does not wait for one', async () => {
  const outcomes = [new Error('1'), new Error('2'), done, new Error('3'), done];
  const { queue, runs, pass } = createQueue(1, (_, nth) => outcomes[nth] ?? done);
  queue.add('a');
  await pass(150);
  queue.add('a');
  await pass(20);
  expect(runs).toHaveLength(3);
  queue.add('a');
  await pass(150);
  expect((runs[4]?.from ?? 0) - (runs[3]?.from ?? 0)).toBe(101);
});

test('of two delays the earlier counts, and an add makes both needless', async () => {
  const { queue, runs, pass } = createQueue(1, () => done);
  queue.addAfter('a', 500);
  queue.addAfter('a', 50);
  queue.addAfter('a', 900);
  await pass(2_000);
  expect(runs).toHaveLength(1);
  queue.addAfter('a', 50);
  queue.add('a');
  await pass(2_000);
  expect(runs).toHaveLength(2);
});

test('a key gives way to something else, whoever adds it meanwhile, and holds nobody else up', async () => {
  let until = Number.POSITIVE_INFINITY;
  const { queue, runs, pass, clock } = createQueue(1, () => done, {
    parallelism: 1,
    respite: (key, now) => (key === 'a' ? until - now : 0),
  });
  const began = clock.monotonic();
  until = began + 500;
  queue.add('a');
  queue.add('b');
  await pass(100);
  queue.add('a');
  queue.addAfter('a', 50);
  await pass(100);
  expect(keys(runs)).toBe('b');
  await pass(1_000);
  expect(runs.map(({ key, from }) => [key, from - began])).toEqual([
    ['b', 0],
    ['a', 500],
  ]);
});

test('no key gives way for ever', async () => {
  const { queue, runs, pass, clock } = createQueue(1, () => done, { parallelism: 1, respite: () => 300 });
  const began = clock.monotonic();
  for (let times = 0; times < 30; times += 1) {
    queue.add('a');
    await pass(100);
  }
  expect(runs[0]?.from).toBe(began + 2_000);
});

test('what does not give way is done at once, each time that the key is added; in vain is no reason to wait longer', async () => {
  const urgent: number[] = [];
  let until = Number.POSITIVE_INFINITY;
  const { queue, runs, failures, pass, clock } = createQueue(1, () => done, {
    respite: (_, now) => until - now,
    urgent: async () => {
      urgent.push(clock.monotonic());
      await clock.sleep(10);
      throw new Error('in vain');
    },
  });
  const began = clock.monotonic();
  until = began + 500;
  queue.add('a');
  await pass(100);
  queue.add('a');
  await pass(1_000);
  expect(urgent.map((at) => Math.floor((at - began) / 100))).toEqual([0, 1]);
  expect(runs.map(({ key, from }) => [key, from - began])).toEqual([['a', 500]]);
  expect(failures).toEqual(['a', 'a']);
});

test('"again" comes back without being a failure', async () => {
  const { queue, runs, failures, pass } = createQueue(1, (_, nth) =>
    nth < 2 ? { kind: 'again', afterMs: 300 } : done,
  );
  queue.add('a');
  await pass(2_000);
  expect(starts(runs)).toEqual([0, 301, 602]);
  expect(failures).toEqual([]);
});

test('stopping waits for what is under way, begins nothing more, and can be hurried', async () => {
  const { queue, runs, pass, running, clock } = createQueue(1_000, () => done);
  for (const key of 'abcd') queue.add(key);
  queue.addAfter('e', 10);
  await pass(5);
  const hurry = new AbortController();
  let stopped = false;
  const stopping = queue.stop(hurry.signal).then(() => {
    stopped = true;
  });
  await pass(500);
  expect([stopped, running()]).toEqual([false, 2]);
  const before = clock.monotonic();
  hurry.abort();
  await stopping;
  expect(clock.monotonic()).toBe(before);
  queue.add('f');
  await pass(2_000);
  expect(keys(runs)).toBe('ab');
});

test('whatever is added when: no key twice at a time, no more than allowed, and every add is followed by a work', async () => {
  const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), wait: fc.nat(30), delay: fc.nat(40) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 3 }), async (steps, parallelism) => {
      const fails = (key: string, nth: number) => (key === 'd' && nth % 2 === 0 ? new Error('no') : done);
      const { queue, runs, pass, most, clock } = createQueue(7, fails, { parallelism });
      const added: { readonly key: string; readonly at: number }[] = [];
      for (const { key, wait, delay } of steps) {
        if (delay < 20) queue.add(key);
        else queue.addAfter(key, delay);
        added.push({ key, at: clock.monotonic() });
        await pass(wait);
      }
      await pass(5_000);
      expect(most()).toBeLessThanOrEqual(parallelism);
      for (const { key, at } of added) expect(runs.some((run) => run.key === key && run.from >= at)).toBe(true);
      for (const run of runs)
        for (const other of runs)
          if (run !== other && run.key === other.key) expect(run.to <= other.from || other.to <= run.from).toBe(true);
    }),
    { numRuns: 100 },
  );
});
