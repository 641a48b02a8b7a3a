import { expect, test } from 'vitest';
import type { HeartbeatAnswer, RepositoryView } from '#contract/push-api.ts';
import { keptAnswer } from './kept-answer.ts';

const view = (seen: Partial<RepositoryView> = {}): RepositoryView => ({
  epoch: 1,
  writerReachable: true,
  writerFailure: null,
  writerSilentMs: 40,
  held: 0,
  leaseRemainingMs: null,
  ...seen,
});
const answer = (repositories: HeartbeatAnswer['repositories'], sessions = 1): HeartbeatAnswer => ({
  pod: 'imapd-0',
  bootId: 'boot',
  nonce: `nonce ${sessions}`,
  applied: sessions,
  sessions,
  repositories,
});
const { writerSilentMs: _, ...withoutSilence } = view();

test.each([
  ['the same', { a: view(), b: view() }],
  ['other figures', { a: view({ writerSilentMs: 0.5, held: 3 }), b: view({ epoch: 7, writerFailure: 'reset' }) }],
  ['one more', { a: view(), b: view(), c: view() }],
  ['another', { a: view(), c: view() }],
  ['one less', { a: view({ epoch: 2 }) }],
  ['none', {}],
  ['what an older version leaves out', { a: view(), b: withoutSilence }],
  ['in another order', { b: view({ held: 1 }), a: view({ held: 2 }) }],
])('says what was said last: %s', (_name, said) => {
  const before = keptAnswer(null, answer({ a: view(), b: view() }));
  const expected = structuredClone(answer(said, 2));
  expect(keptAnswer(before, answer(said, 2))).toEqual(expected);
});

test('of the same repositories nothing new is kept', () => {
  const before = keptAnswer(null, answer({ a: view(), b: view() }));
  const { repositories } = before;
  const [a, b] = [repositories.a, repositories.b];
  const after = keptAnswer(before, answer({ a: view({ held: 1 }), b: view({ epoch: 2 }) }, 2));
  expect(
    [after.repositories, after.repositories.a, after.repositories.b].map(
      (kept, at) => kept === [repositories, a, b][at],
    ),
  ).toEqual([true, true, true]);
});
