import { expect, test } from 'vitest';
import { type LeavingFacts, mayEnd } from './may-end.ts';

const serving: LeavingFacts = {
  state: 'running',
  fence: null,
  granted: true,
  staysStopped: false,
  followed: true,
  elapsedMs: 100,
  withinMs: 20_000,
};
const demoted = { granted: false, fence: 'Demoted' } as const;

test.each<readonly [string, Partial<LeavingFacts>, boolean]>([
  ['a primary that somebody follows serves on', {}, false],
  ['… until its time is up', { elapsedMs: 20_000 }, true],
  ['… or nobody follows it any more', { followed: false }, true],
  ['it is about to be stopped by the operator', demoted, false],
  ['its server was ended to fence it; the operator still wants to stop it', { ...demoted, state: 'stopped' }, false],
  ['stopped by the operator, the order not carried out yet', { ...demoted, staysStopped: true }, false],
  ['stopped by the operator', { ...demoted, staysStopped: true, state: 'stopped' }, true],
  ['demoted, and then nobody came', { ...demoted, elapsedMs: 20_000 }, true],
  ['a replica', { granted: false, followed: false }, true],
  ['a primary that waits for its grant', { granted: false, fence: 'NoGrant' }, true],
  ['one that was cut off', { granted: false, fence: 'Isolated' }, true],
  ['its server died', { granted: false, state: 'exited' }, true],
  ['no time is given', { withinMs: 0 }, true],
])('%s', (_, facts, expected) => {
  expect(mayEnd({ ...serving, ...facts })).toBe(expected);
});
