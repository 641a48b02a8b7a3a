import { expect, test } from 'vitest';
import { MAX_KEYWORDS } from '../types.ts';
import { translateKeywords } from './translate-keywords.ts';

test('keywords keep their names, not their bits; unused ones are not taken along', () => {
  const { assigned, masks } = translateKeywords(['Work'], ['unused', '$Junk', 'WORK'], {
    masks: [0b110n, 0n],
    extra: '$Salvaged',
  });
  expect(assigned).toMatchObject({ keywords: ['Work', '$Salvaged', '$Junk'], grown: true });
  expect(masks).toEqual([String(0b111), String(0b010)]);
});

test('a full mailbox takes what it has names for', () => {
  const full = Array.from({ length: MAX_KEYWORDS }, (_, i) => `k${i}`);
  const { assigned, masks } = translateKeywords(full, ['k3', 'new'], { masks: [0b11n], extra: '$Salvaged' });
  expect(assigned.grown).toBe(false);
  expect(masks).toEqual(['8']);
});
