import { expect, test } from 'vitest';
import { QueueByKey } from './queue-by-key.ts';

type Part = { readonly name: string; readonly octets: number };
const part = (name: string, octets = 1): Part => ({ name, octets });

/** Runs end when the test says so. */
function queue() {
  const runs: { readonly names: string; end(failure?: Error): void }[] = [];
  const joined = new QueueByKey<Part, string>((parts) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    const end = (failure?: Error): void =>
      failure === undefined ? resolve(parts.map(({ name }) => `did ${name}`)) : reject(failure);
    runs.push({ names: parts.map(({ name }) => name).join(' '), end });
    return promise;
  });
  return { runs, join: (key: string, each: Part, left?: AbortSignal) => joined.join(key, each, left) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the first goes alone, those that come meanwhile go together, each has its own outcome', async () => {
  const { runs, join } = queue();
  const all = ['a', 'b', 'c'].map((name) => join('box', part(name)));
  const other = join('other', part('x'));
  expect(runs.map(({ names }) => names)).toEqual(['a', 'x']);
  runs[0]?.end();
  await turn();
  const late = join('box', part('d'));
  expect(runs.map(({ names }) => names)).toEqual(['a', 'x', 'b c']);
  for (const at of [1, 2]) runs[at]?.end();
  await turn();
  runs[3]?.end();
  expect(await Promise.all([...all, other, late])).toEqual(['did a', 'did b', 'did c', 'did x', 'did d']);
  const again = join('box', part('e'));
  expect(runs.at(-1)?.names).toBe('e');
  runs.at(-1)?.end();
  expect(await again).toBe('did e');
});

test('who fails takes those with it that went along, and no others', async () => {
  const { runs, join } = queue();
  const all = ['a', 'b', 'c'].map((name) => join('box', part(name)));
  const settled = Promise.allSettled(all);
  runs[0]?.end(new Error('first'));
  await turn();
  const later = join('box', part('d'));
  runs[1]?.end(new Error('second'));
  await turn();
  runs[2]?.end();
  expect((await settled).map((each) => (each.status === 'rejected' ? (each.reason as Error).message : ''))).toEqual([
    'first',
    'second',
    'second',
  ]);
  expect(await later).toBe('did d');
});

test('who leaves before the turn has come is not done; afterwards nobody leaves', async () => {
  const { runs, join } = queue();
  const [early, late] = [new AbortController(), new AbortController()];
  const first = join('box', part('a'));
  const left = join('box', part('b'), early.signal);
  const stays = join('box', part('c'), late.signal);
  early.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  runs[0]?.end();
  await first;
  await turn();
  expect(runs[1]?.names).toBe('c');
  late.abort(new Error('gone'));
  runs[1]?.end();
  expect(await stays).toBe('did c');
});

test('no more than 32, nor than 1 MiB where it is more than one', async () => {
  const { runs, join } = queue();
  const big = 700 * 1024;
  const all = [join('box', part('a')), join('box', part('big', 2 * big)), join('box', part('big', big))];
  for (let i = 0; i < 40; i++) all.push(join('box', part('s')));
  for (let at = 0; at < 4; at++) {
    runs[at]?.end();
    await turn();
  }
  await Promise.all(all);
  expect(runs.map(({ names }) => names.split(' ').length)).toEqual([1, 1, 32, 9]);
});
