import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdSet } from './id-set.ts';
import { orderedSet } from './ordered-set.ts';

/** As a client reads it. */
const read = (text: string): number[] =>
  text === ''
    ? []
    : text.split(',').flatMap((range) => {
        const [first = 0, last = first] = range.split(':').map(Number);
        return Array.from({ length: last - first + 1 }, (_, i) => first + i);
      });

describe('orderedSet', () => {
  it('writes ranges only upwards (RFC 5267, 3.2 and 3.3)', () => {
    expect(orderedSet([23765, 23764, 23763, 23761])).toBe('23765,23764,23763,23761');
    expect(orderedSet([10, 11, 12, 5, 6, 1])).toBe('10:12,5:6,1');
  });

  it('is read again as what it was made of, and of ascending ids is the shortest text', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 30 })), (ids) => {
        expect(read(orderedSet(ids))).toEqual(ids);
        const ascending = ids.toSorted((a, b) => a - b);
        expect(orderedSet(ascending)).toBe(IdSet.of(ascending).toString());
      }),
    );
  });
});
