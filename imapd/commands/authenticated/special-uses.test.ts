import { expect, test } from 'vitest';
import { supportedUses } from './special-uses.ts';

test('uses in any case, each once', () => {
  expect(supportedUses(['\\sent', '\\Drafts', '\\SENT'])).toEqual({ kind: 'supported', uses: ['\\Sent', '\\Drafts'] });
  expect(supportedUses([])).toEqual({ kind: 'supported', uses: [] });
});

test.each(['\\All', '\\Flagged', '\\Important', '\\HasChildren', '\\Noselect'])(
  '%s is none that a client can give',
  (use) => {
    expect(supportedUses(['\\Sent', use])).toEqual({ kind: 'unsupported', use });
  },
);
