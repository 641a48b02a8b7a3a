import fc from 'fast-check';
import { expect, it } from 'vitest';
import { detached } from './detached.ts';

it('is the same text, whatever is in it', () => {
  const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
  const text = fc.oneof(
    fc.string(),
    fc.array(unit, { maxLength: 9 }).map((units) => units.join('')),
  );
  fc.assert(
    fc.property(text, (value) => {
      expect(detached(value)).toBe(value);
    }),
  );
});
