import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LARGEST_ID, SequenceSet, STAR } from './sequence-set.ts';

const resolved = (bounds: number[], largest: number) => SequenceSet.ofBounds(bounds).resolve(largest).toString();

describe('SequenceSet', () => {
  it('puts the largest number in the place of "*"', () => {
    expect(resolved([STAR, STAR], 42)).toBe('42');
    expect(resolved([40, STAR], 42)).toBe('40:42');
    expect(resolved([STAR, 40], 42)).toBe('40:42');
  });

  it('"559:*" always includes the largest UID (RFC 3501, 6.4.8)', () => {
    expect(resolved([559, STAR], 42)).toBe('42');
  });

  it('is empty in an empty mailbox', () => {
    expect(resolved([1, STAR, STAR, STAR, 3, 3], 0)).toBe('');
  });

  it('resolves 1:4294967295 at once: flood of ids', () => {
    const set = SequenceSet.ofBounds([1, LARGEST_ID]);
    expect(set.resolve(3).toString()).toBe('1:3');
    expect(set.resolve(LARGEST_ID).size).toBe(LARGEST_ID);
  });

  it('tells where it names a message beyond the last', () => {
    expect(SequenceSet.ofBounds([1, 3]).exceeds(3)).toBe(false);
    expect(SequenceSet.ofBounds([1, STAR]).exceeds(3)).toBe(false);
    expect(SequenceSet.ofBounds([4, 4]).exceeds(3)).toBe(true);
    expect(SequenceSet.ofBounds([STAR, STAR]).exceeds(0)).toBe(true);
  });

  it('refuses bounds that are no numbers of messages', () => {
    for (const bounds of [[1], [-1, 2], [1, 2 ** 32], [1.5, 2]])
      expect(() => SequenceSet.ofBounds(bounds)).toThrow(RangeError);
  });

  it('means what RFC 3501 says of each range', () => {
    const bound = fc.nat({ max: 20 });
    const bounds = fc.array(fc.tuple(bound, bound), { minLength: 1 });
    fc.assert(
      fc.property(bounds, fc.integer({ min: 1, max: 15 }), (pairs, largest) => {
        const wanted = new Set<number>();
        for (const [a, b] of pairs.map((pair) => pair.map((n) => (n === STAR ? largest : n)) as [number, number])) {
          for (let id = Math.min(a, b); id <= Math.max(a, b); id++) if (id <= largest) wanted.add(id);
        }
        expect([...SequenceSet.ofBounds(pairs.flat()).resolve(largest)]).toEqual([...wanted].sort((a, b) => a - b));
      }),
    );
  });
});
