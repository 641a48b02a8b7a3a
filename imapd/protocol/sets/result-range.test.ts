import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeText, sliceOf } from './result-range.ts';

describe('sliceOf', () => {
  it('takes those whose position, or whose position from the end, is in the range', () => {
    const position = fc.integer({ min: 1, max: 12 });
    const range = fc.record({ from: position, to: position, fromEnd: fc.boolean() });
    fc.assert(
      fc.property(range, fc.nat({ max: 9 }), (wanted, count) => {
        const results = Array.from({ length: count }, (_, i) => i + 1);
        const named = results.filter((n) => {
          const at = wanted.fromEnd ? count + 1 - n : n;
          return Math.min(wanted.from, wanted.to) <= at && at <= Math.max(wanted.from, wanted.to);
        });
        expect(results.slice(...sliceOf(wanted, count))).toEqual(named);
      }),
    );
  });
});

describe('rangeText', () => {
  it('is what the client wrote', () => {
    expect(rangeText({ from: 500, to: 1, fromEnd: false })).toBe('500:1');
    expect(rangeText({ from: 1, to: 100, fromEnd: true })).toBe('-1:-100');
  });
});
