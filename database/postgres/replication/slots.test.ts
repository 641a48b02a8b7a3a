import { expect, test } from 'vitest';
import { planSlots, type Slot } from './slots.ts';

const slot = (name: string, change: Partial<Slot> = {}): Slot => ({
  name,
  activePid: null,
  restart: '0/3000000',
  lost: false,
  ...change,
});
const known = { received: new Map<string, string>(), applied: '0/5000000', exactly: true };

test('a slot for every member, and none for those that are gone; slots of others are left alone', () => {
  const slots = [slot('member_a1'), slot('member_a9'), slot('debezium')];
  expect(planSlots(slots, ['a1', 'a2'], known)).toEqual({ drop: ['member_a9'], create: ['member_a2'], advance: [] });
});

test('maintenance drops nobody: a member that is being cloned may not have been named yet', () => {
  expect(planSlots([slot('member_a9')], [], { ...known, exactly: false }).drop).toEqual([]);
});

test('a lost slot keeps nothing and is made anew', () => {
  const plan = planSlots([slot('member_a1', { lost: true })], ['a1'], { ...known, exactly: false });
  expect(plan).toEqual({ drop: ['member_a1'], create: ['member_a1'], advance: [] });
});

test('a slot follows what its member has received, never past what is applied here, never back', () => {
  const received = new Map([
    ['a1', '0/4000000'],
    ['a2', '0/6000000'],
    ['a3', '0/2000000'],
  ]);
  const slots = [slot('member_a1'), slot('member_a2'), slot('member_a3'), slot('member_a4')];
  expect(planSlots(slots, ['a1', 'a2', 'a3', 'a4'], { ...known, received }).advance).toEqual([
    { name: 'member_a1', to: '0/4000000' },
    { name: 'member_a2', to: '0/5000000' },
  ]);
  const active = planSlots([slot('member_a1', { activePid: 7 })], ['a1'], { ...known, received });
  expect(active.advance).toEqual([]);
});
