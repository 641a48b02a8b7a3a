import { expect, test } from 'vitest';
import { type KeyInputs, moduleKey } from './module-key.ts';

const inputs: KeyInputs = {
  goMod: 'module a',
  goSum: 'b h1:c',
  flags: ['-trimpath', '-s'],
  go: 'go1.26.8 linux/amd64',
};

test('the same inputs, the same key', () => {
  expect(moduleKey({ ...inputs })).toBe(moduleKey(inputs));
  expect(moduleKey(inputs)).toMatch(/^[0-9a-f]{16}$/);
});

test.each<[string, Partial<KeyInputs>]>([
  ['go.mod', { goMod: 'module b' }],
  ['go.sum', { goSum: 'b h1:d' }],
  ['a flag', { flags: ['-trimpath', '-w'] }],
  ['the border between two flags', { flags: ['-trimpath-s'] }],
  ['the compiler', { go: 'go1.26.9 linux/amd64' }],
])('another key for another %s', (_, change) => {
  expect(moduleKey({ ...inputs, ...change })).not.toBe(moduleKey(inputs));
});
