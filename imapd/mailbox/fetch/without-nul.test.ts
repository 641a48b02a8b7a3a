import { expect, test } from 'vitest';
import { withoutNul } from './without-nul.ts';

test('NUL is replaced wherever it stands, and nothing else', () => {
  expect(withoutNul(Buffer.from('\0a\0\0\xff\0', 'latin1')).toString('latin1')).toBe('\x80a\x80\x80\xff\x80');
});

test('what others may be reading stays as it is; without NUL it is the same', () => {
  const shared = Buffer.from('a\0');
  withoutNul(shared);
  expect(shared.toString()).toBe('a\0');
  const plain = Buffer.from('abc');
  expect(withoutNul(plain)).toBe(plain);
});
