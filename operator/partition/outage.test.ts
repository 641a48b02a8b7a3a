import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { buildInput, type Looks } from '../test-support/build-input.ts';
import { Outage } from './outage.ts';

const ended: Looks = { state: 'exited', granted: null, fence: 'NoGrant' };

/** An outage of the primary a, seen as `looks` at the times given. */
function lookAt(outage: Outage, looks: Looks, ...times: readonly number[]): void {
  for (const at of times) outage.note(memberName('a'), buildInput({ a: looks }), at);
}

test('the budget for bringing the primary back runs from when it is told to come back', () => {
  const outage = new Outage();
  lookAt(outage, ended, 1_000, 3_000);
  expect(outage.restartingMs(3_000)).toBeNull();
  outage.restarting(3_000);
  lookAt(outage, ended, 5_000);
  outage.restarting(5_000);
  expect(outage.restartingMs(6_000)).toBe(3_000);
});

test('one that comes back only to be lost again uses it up all the same', () => {
  const outage = new Outage();
  for (const at of [0, 10_000, 20_000]) {
    lookAt(outage, ended, at);
    outage.restarting(at);
    lookAt(outage, {}, at + 3_000, at + 9_000);
  }
  expect(outage.restartingMs(29_000)).toBe(9_000);
});

test('well for a minute, or another primary: the whole budget again', () => {
  const outage = new Outage();
  lookAt(outage, ended, 0);
  outage.restarting(0);
  lookAt(outage, {}, 3_000, 30_000);
  expect(outage.restartingMs(30_000)).toBe(3_000);
  lookAt(outage, {}, 63_000);
  expect(outage.restartingMs(63_000)).toBeNull();
  lookAt(outage, ended, 70_000);
  outage.restarting(70_000);
  outage.changed();
  expect(outage.restartingMs(80_000)).toBeNull();
});

test('nobody has looked while it was well for a minute: the whole budget all the same', () => {
  const outage = new Outage();
  lookAt(outage, ended, 0);
  outage.restarting(0);
  lookAt(outage, {}, 3_000, 50_000);
  lookAt(outage, ended, 64_000);
  outage.restarting(64_000);
  expect(outage.restartingMs(65_000)).toBe(1_000);
});
