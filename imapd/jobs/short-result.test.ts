import { expect, test } from 'vitest';
import { shortReason, shortResult } from './short-result.ts';

const MOST = 4096;
const sizeOf = (text: string): number => Buffer.byteLength(text);

test('what fits is written as it is', () => {
  expect(shortResult({ messages: 2, flags: 0 })).toBe('{"messages":2,"flags":0}');
  expect(shortResult(null)).toBe('null');
  expect(shortResult(undefined)).toBe('null');
  expect(shortReason('a0 is at epoch 1, not 2')).toBe('a0 is at epoch 1, not 2');
});

test('a result that is too long stays JSON, without its longest fields', () => {
  const applied = Array.from({ length: 500 }, (_, i) => `migration ${i}`);
  const text = shortResult({ version: 7, applied, note: 'ok' });
  expect(JSON.parse(text)).toEqual({ version: 7, note: 'ok' });
  expect(shortResult(applied)).toBe('null');
});

test('a reason that is too long is cut between two characters', () => {
  const text = shortReason('€'.repeat(2_000));
  expect(sizeOf(text)).toBeLessThanOrEqual(MOST);
  expect(text).toMatch(/^€{1364}…$/);
});
