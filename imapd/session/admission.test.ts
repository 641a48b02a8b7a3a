import { expect, test } from 'vitest';
import { Admission } from './admission.ts';

const bounds = { maxPerPod: 4, maxPerUser: 2, maxStrangers: 3, maxStrangersPerAddress: 2, maxCompressed: 2 };

test('strangers of one address are bounded, users are not', () => {
  const admission = new Admission(bounds);
  const first = admission.enter('a');
  expect(first).not.toBeNull();
  expect(admission.enter('a')).not.toBeNull();
  expect(admission.enter('a')).toBeNull();
  expect(first?.signIn('ada')).toBe(true);
  expect(admission.enter('a')).not.toBeNull();
});

test('all strangers together are bounded, and all sessions', () => {
  const admission = new Admission(bounds);
  const three = ['a', 'b', 'c'].map((address) => admission.enter(address));
  expect(admission.enter('d')).toBeNull();
  three[0]?.signIn('ada');
  expect(admission.enter('d')).not.toBeNull();
  three[1]?.signIn('bob');
  expect(admission.sessions).toBe(4);
  expect(admission.enter('e')).toBeNull();
});

test('sessions of one user are bounded; a refused one is still a stranger', () => {
  const admission = new Admission(bounds);
  const [one, two, three] = ['a', 'b', 'c'].map((address) => admission.enter(address));
  expect([one?.signIn('ada'), two?.signIn('ada'), three?.signIn('ada')]).toEqual([true, true, false]);
  one?.leave();
  expect(three?.signIn('ada')).toBe(true);
});

test('who signs out makes room for a session of the user, and takes that of a stranger', () => {
  const admission = new Admission(bounds);
  const [one, two] = [admission.enter('a'), admission.enter('a')];
  expect([one?.signIn('ada'), two?.signIn('ada')]).toEqual([true, true]);
  expect(one?.signOut()).toBe(true);
  expect(admission.enter('a')?.signIn('ada')).toBe(true);
  expect(one?.signIn('ada')).toBe(false);
  expect(one?.signIn('bob')).toBe(true);
  expect(admission.sessions).toBe(3);
});

test('where there is no room for a stranger nobody becomes one', () => {
  const admission = new Admission(bounds);
  const one = admission.enter('a');
  one?.signIn('ada');
  for (const stranger of [admission.enter('a'), admission.enter('a')]) expect(stranger).not.toBeNull();
  expect(one?.signOut()).toBe(false);
  one?.leave();
  expect(admission.sessions).toBe(2);
});

test('leaving twice gives back once', () => {
  const admission = new Admission(bounds);
  const one = admission.enter('a');
  admission.enter('b');
  one?.leave();
  one?.leave();
  expect(admission.sessions).toBe(1);
});

test('sessions that compress are bounded, until they leave', () => {
  const admission = new Admission({ ...bounds, maxCompressed: 1 });
  const [one, two] = ['a', 'b'].map((address) => admission.enter(address));
  expect([one?.compress(), two?.compress()]).toEqual([true, false]);
  two?.leave();
  const three = admission.enter('b');
  expect(three?.compress()).toBe(false);
  one?.leave();
  expect(three?.compress()).toBe(true);
});
