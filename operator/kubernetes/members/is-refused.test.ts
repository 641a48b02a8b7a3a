import { expect, test } from 'vitest';
import { memberName } from '#contract/names.ts';
import { ASK_AGAIN_MS, isRefused } from './is-refused.ts';

const AT = Date.parse('2026-01-02T03:04:05Z');
const member = memberName('users-a-1');
const refusals = new Map([[member, { of: 'createPod' as const, asked: 'hash', message: 'exceeded quota', at: AT }]]);

test.each([
  { name: 'just now', now: AT, refused: true },
  { name: 'almost long enough ago', now: AT + ASK_AGAIN_MS - 1, refused: true },
  { name: 'long enough ago', now: AT + ASK_AGAIN_MS, refused: false },
  { name: 'by a clock that has been set back since', now: AT - 1, refused: false },
])('what was refused is not asked for again at once: $name', ({ now, refused }) => {
  expect(isRefused({ of: 'createPod', member, asked: 'hash' }, { refusals, now })).toBe(refused);
});

test('something else may be asked for', () => {
  expect(isRefused({ of: 'createPod', member, asked: 'other' }, { refusals, now: AT })).toBe(false);
  expect(isRefused({ of: 'createVolume', member, asked: 'hash' }, { refusals, now: AT })).toBe(false);
});
