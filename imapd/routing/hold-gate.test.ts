import { beforeEach, expect, test } from 'vitest';
import { epoch } from '#contract/names.ts';
import { HoldGate } from './hold-gate.ts';
import { RepositoryUnavailable } from './repository-access.ts';
import type { Term } from './term.ts';
import { ManualClock } from './test-support/manual-clock.ts';

const attempt = { signal: new AbortController().signal };
const endpoint = { host: 'localhost', port: 5432 };
const termOf = (number: number): Term => ({ epoch: epoch(number), writer: 'a', endpoint, over: attempt.signal });
let clock: ManualClock;
let mayWrite: boolean;
let released: unknown[];
let gate: HoldGate;

beforeEach(() => {
  clock = new ManualClock();
  mayWrite = true;
  released = [];
  const onReleased = (hold: unknown): void => {
    released.push(hold);
  };
  gate = new HoldGate({ clock, maxHeld: 2, mayWrite: () => mayWrite, onReleased });
});

test('an open gate holds nobody', async () => {
  const term = termOf(1);
  gate.begin(term);
  expect(await gate.enter('write', attempt, 0)).toBe(term);
  expect(released).toEqual([]);
});

test('who waits gets the term that begins', async () => {
  const waiting = gate.enter('write', attempt, 15_000);
  expect(gate.held).toBe(1);
  clock.advance(400);
  const term = termOf(2);
  gate.begin(term);
  expect(await waiting).toBe(term);
  expect([gate.held, released]).toEqual([0, [{ heldMs: 400, outcome: 'writer' }]]);
});

test('at the deadline the wait is in vain, and not before', async () => {
  const waiting = gate.enter('read', attempt, 15_000);
  clock.advance(14_999);
  expect(gate.held).toBe(1);
  clock.advance(1);
  await expect(waiting).rejects.toThrow(RepositoryUnavailable);
  expect([gate.held, released]).toEqual([0, [{ heldMs: 15_000, outcome: 'expired' }]]);
});

test('the house is full', async () => {
  const waiting = [gate.enter('read', attempt, 1_000), gate.enter('read', attempt, 1_000)];
  await expect(gate.enter('read', attempt, 1_000)).rejects.toThrow('2 commands wait');
  gate.begin(termOf(1));
  await Promise.all(waiting);
});

test('a waiting command hears at once and then every three seconds that it waits', async () => {
  const told: number[] = [];
  const waiting = gate.enter('read', { ...attempt, onHold: (ms) => told.push(ms) }, 15_000);
  clock.advance(7_000);
  gate.begin(termOf(1));
  await waiting;
  clock.advance(60_000);
  expect(told).toEqual([0, 3_000, 6_000]);
});

test('a session that leaves waits no longer', async () => {
  const session = new AbortController();
  const waiting = gate.enter('read', { signal: session.signal }, 15_000);
  session.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  await expect(gate.enter('read', { signal: session.signal }, 15_000)).rejects.toThrow('gone');
  expect(released).toEqual([{ heldMs: 0, outcome: 'left' }]);
});

test('suspicion closes the gate for those to come; only the same term can be resumed', async () => {
  const old = termOf(1);
  gate.begin(old);
  expect(gate.suspend(old)).toBe(true);
  expect(gate.suspend(old)).toBe(false);
  expect(gate.admitted('read')).toBeNull();
  gate.begin(termOf(2));
  expect(gate.suspend(old)).toBe(false);
  gate.resume(old);
  expect(gate.term?.epoch).toBe(2);
  expect(gate.admitted('read')?.epoch).toBe(2);
});

test('without a lease reads pass and writes wait until it is renewed', async () => {
  mayWrite = false;
  const term = termOf(1);
  gate.begin(term);
  expect(gate.admitted('read')).toBe(term);
  const waiting = gate.enter('write', attempt, 15_000);
  gate.wake();
  expect(gate.held).toBe(1);
  mayWrite = true;
  gate.wake();
  expect(await waiting).toBe(term);
});
