import { beforeEach, expect, test } from 'vitest';
import { ReaderBoard, SET_ASIDE_MS } from './reader-board.ts';
import { ManualClock } from './test-support/manual-clock.ts';

let clock: ManualClock;
let board: ReaderBoard;
const target = (epoch: number, writer: string | null, readers: string[] = ['b']) => ({ epoch, writer, readers });
const report = (epoch: number, replayed: bigint) => ({ replica: true, epoch, replayed, latencyMs: 2 });

beforeEach(() => {
  clock = new ManualClock();
  board = new ReaderBoard({ clock, maxLagMs: 5_000, random: () => 0 });
  board.retarget(target(1, 'a'));
  board.sample(1, 0, 100n);
  board.heard('b', report(1, 100n));
});

test('a reader serves once it has been heard and its age is known', () => {
  expect(board.choose(undefined)).toEqual({ kind: 'reader', name: 'b' });
  board.failed('b');
  expect(board.choose(undefined)).toEqual({ kind: 'primary', reason: 'noReader' });
});

test('without a writer the readers of the last one serve on, and do not age', () => {
  board.retarget(target(2, null));
  clock.advance(60_000);
  board.heard('b', report(1, 100n));
  expect(board.choose(undefined)).toEqual({ kind: 'reader', name: 'b' });
});

test('a new writer’s readers serve once they have replayed its stamp and been compared with it', () => {
  board.retarget(target(2, null));
  board.retarget(target(2, 'c'));
  board.heard('b', report(1, 100n));
  expect(board.choose(undefined)).toEqual({ kind: 'primary', reason: 'noReader' });
  board.heard('b', report(2, 120n));
  expect(board.choose(undefined)).toEqual({ kind: 'primary', reason: 'lagging' });
  board.sample(2, clock.now(), 120n);
  board.heard('b', report(2, 120n));
  expect(board.choose(undefined)).toEqual({ kind: 'reader', name: 'b' });
});

test('a sample of the writer before says nothing', () => {
  board.retarget(target(2, 'c'));
  board.sample(1, clock.now(), 500n);
  board.heard('b', report(2, 120n));
  expect(board.choose(undefined)).toEqual({ kind: 'primary', reason: 'lagging' });
});

test('between two reports a reader grows older', () => {
  clock.advance(5_001);
  expect(board.choose(undefined)).toEqual({ kind: 'primary', reason: 'lagging' });
});

test('a reader that is no replica any more, or from the future, is not asked; the last resort asks everybody', () => {
  board.retarget(target(1, 'a', ['b', 'c']));
  board.heard('b', { ...report(1, 100n), replica: false });
  board.heard('c', report(7, 100n));
  expect(board.choose(undefined)).toEqual({ kind: 'primary', reason: 'noReader' });
  expect(board.lastResort()).toEqual(['b', 'c']);
});

test('a member that is set aside is not chosen for a while; rebuilt, it is new', () => {
  expect([board.setAside('b'), board.setAside('b')]).toEqual([true, false]);
  expect(board.choose(undefined)).toEqual({ kind: 'primary', reason: 'noReader' });
  expect(board.lastResort()).toEqual(['b']);
  clock.advance(SET_ASIDE_MS);
  board.sample(1, clock.now(), 100n);
  board.heard('b', report(1, 100n));
  expect(board.choose(undefined)).toEqual({ kind: 'reader', name: 'b' });
  expect(board.setAside('b')).toBe(true);
  board.retarget(target(1, 'a', []));
  board.retarget(target(1, 'a', ['b']));
  board.heard('b', report(1, 100n));
  expect(board.choose(undefined)).toEqual({ kind: 'reader', name: 'b' });
});
