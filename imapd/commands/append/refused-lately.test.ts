import { expect, test } from 'vitest';
import { RefusedLately } from './refused-lately.ts';

test('what was refused is remembered for ten minutes, and no more than a thousand of them', () => {
  let now = 0;
  const refused = new RefusedLately(() => now);
  refused.note('ann', 'Sent');
  expect(refused.has('ann', 'Sent')).toBe(true);
  expect(refused.has('bob', 'Sent')).toBe(false);
  now = 600_001;
  expect(refused.has('ann', 'Sent')).toBe(false);
  for (let i = 0; i < 1_000; i++) refused.note('ann', `box ${i}`);
  expect(refused.has('ann', 'box 0')).toBe(true);
  refused.note('ann', 'box 0');
  refused.note('ann', 'one more');
  expect(['box 0', 'box 1', 'box 2', 'one more'].map((name) => refused.has('ann', name))).toEqual([
    true,
    false,
    true,
    true,
  ]);
});
