import { expect, test } from 'vitest';
import { type MemberName, memberName } from '#contract/names.ts';
import type { Operation } from '../partition/operation.ts';
import { buildInput, type Looks } from '../test-support/build-input.ts';
import { beginAgain, beginFailover, beginReinstate, beginSwitchover } from './begin-operation.ts';
import { mayFollow } from './may-follow.ts';

const [a, b, c] = ['a', 'b', 'c'].map(memberName) as [MemberName, MemberName, MemberName];
const input = buildInput();
const failover = beginFailover(input, { from: a, why: 'gone', lostUpTo: 0 });
const switchover = beginSwitchover(input, { from: a, to: b });
const handOver = beginSwitchover(input, { from: a, to: b, leaves: true });

type Case = { readonly name: string; readonly operation: Operation; readonly looks: Looks; readonly follows: boolean };

const stopped: Looks = { state: 'stopped' };
const again = beginAgain(handOver, input, 'lost');

test.each<Case>([
  { name: 'failover: it may hold what nobody else has', operation: failover, looks: {}, follows: false },
  { name: 'switchover', operation: switchover, looks: {}, follows: true },
  { name: 'it goes, by its own word', operation: handOver, looks: { ...stopped, leaving: true }, follows: false },
  {
    name: 'it goes, says the platform',
    operation: handOver,
    looks: { platform: { state: 'leaving' } },
    follows: false,
  },
  { name: 'it has gone', operation: handOver, looks: { platform: { endedMs: 50_000 } }, follows: false },
  { name: 'another process on the same data', operation: handOver, looks: stopped, follows: true },
  {
    name: 'another process, and the end of the one before it',
    operation: handOver,
    looks: { ...stopped, platform: { endedMs: -1_000 } },
    follows: true,
  },
  { name: 'handed over to a candidate that was lost', operation: again, looks: stopped, follows: false },
])('the old primary: $name', ({ operation, looks, follows }) => {
  const { observation } = buildInput({ a: looks });
  expect(mayFollow(operation, a, observation)).toBe(follows);
  // Who has never served follows whatever the change is.
  expect(mayFollow(operation, c, observation)).toBe(true);
});

test('a candidate that was given up may have been promoted, and comes back afterwards', () => {
  const reinstate = beginReinstate({ ...handOver, step: 'follow' }, input, 'lost');
  expect(mayFollow(reinstate, b, input.observation)).toBe(false);
});
