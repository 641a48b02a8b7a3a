import { expect, test } from 'vitest';
import type { MemberNow } from '#contract/control-api.ts';
import { waitsFor } from './waits-for.ts';

const member = (name: string, state: string | null): MemberNow => ({
  partition: 'users',
  name,
  connected: state !== null,
  state,
  role: null,
  received: null,
  applied: null,
  lagSeconds: null,
  serverPid: null,
});
const members = [member('users-0', 'working'), member('users-1', null), member('users-2', 'running')];
const calm = { operatorProblem: null, waiting: {}, members: [member('users-2', 'running')] };

test.each([
  [
    'the operator first',
    { operatorProblem: 'gone', waiting: { a: 'b' }, members },
    'The operator does not answer: gone',
  ],
  ['what partitions say', { ...calm, waiting: { a: 'no space', b: 'x' }, members }, 'a waits: no space\nb waits: x'],
  ['databases that do not run', { ...calm, members }, 'Databases: users-0 is working, users-1 is silent.'],
  ['else only imapd is left', calm, 'Waiting for the imapd processes.'],
])('%s', (_, status, expected) => {
  expect(waitsFor(status)).toBe(expected);
});
