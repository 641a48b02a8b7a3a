import { expect, test } from 'vitest';
import { shrink } from './shrink.ts';

test('a failing input is shrunk to what makes it fail', async () => {
  const fails = (input: Buffer): boolean => input.includes('{') && input.includes(0);
  const shrunk = await shrink(Buffer.from(`a1 LOGIN {3}\r\n${'x'.repeat(500)}\0 tail`), { fails, trials: 5000 });
  expect(shrunk.toString('latin1')).toBe('{\0');
});
