import { expect, test } from 'vitest';
import { flagMasks, keywordsFor } from './flag-change.ts';
import { keywordMask } from './keywords.ts';

const named = { system: 5, keywords: [] };
const both = { flags: 5, keywords: '6' };
const nothing = { flags: 0, keywords: '0' };

test('what is added is set, what is removed is cleared', () => {
  expect(flagMasks({ mode: 'add', ...named }, [1, 2])).toEqual({ clear: nothing, set: both });
  expect(flagMasks({ mode: 'remove', ...named }, [1, 2])).toEqual({ clear: both, set: nothing });
});

test('what replaces clears all, or what may be cleared', () => {
  const allKeywords = keywordMask(Array.from({ length: 62 }, (_, bit) => bit));
  expect(flagMasks({ mode: 'replace', ...named }, [1, 2])).toEqual({
    clear: { flags: 0x7fff, keywords: allKeywords },
    set: both,
  });
  const within = { system: 3, keywords: false };
  expect(flagMasks({ mode: 'replace', ...named, within }, [])).toEqual({
    clear: { flags: 3, keywords: '0' },
    set: { flags: 5, keywords: '0' },
  });
});

test('taking away a keyword that the mailbox does not know gives it no bit', () => {
  const change = { system: 0, keywords: ['WORK', 'new'] };
  expect(keywordsFor(['work'], { mode: 'remove', ...change })).toMatchObject({ bits: [0], grown: false });
  expect(keywordsFor(['work'], { mode: 'add', ...change })).toMatchObject({ bits: [0, 1], grown: true });
});
