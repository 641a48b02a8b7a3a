import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdSet } from './id-set.ts';

const ids = fc.array(fc.integer({ min: 1, max: 60 }));

describe('IdSet', () => {
  it('writes the shortest text', () => {
    expect(IdSet.of([7, 1, 2, 3, 2]).toString()).toBe('1:3,7');
    expect(IdSet.EMPTY.toString()).toBe('');
  });

  it('holds exactly the ids it was made of', () => {
    fc.assert(
      fc.property(ids, (given) => {
        const set = IdSet.of(given);
        const wanted = [...new Set(given)].sort((a, b) => a - b);
        expect([...set]).toEqual(wanted);
        expect(set.size).toBe(wanted.length);
        expect([set.first, set.last]).toEqual([wanted[0] ?? null, wanted.at(-1) ?? null]);
        for (let id = 0; id < 62; id++) expect(set.has(id)).toBe(wanted.includes(id));
      }),
    );
  });

  it('is cut by another set and by single ids, and read by position', () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        const [one, other] = [IdSet.of(a), IdSet.of(b)];
        const both = IdSet.of(a.filter((id) => b.includes(id)));
        expect(one.and(other).bounds).toEqual(both.bounds);
        expect(other.and(one).bounds).toEqual(both.bounds);
        expect(one.without(Uint32Array.from(other)).bounds).toEqual(IdSet.of(a.filter((id) => !b.includes(id))).bounds);
        expect(Array.from({ length: one.size }, (_, position) => one.at(position))).toEqual([...one]);
        expect(one.at(one.size)).toBeNull();
      }),
    );
  });

  it('holds billions of ids in one range, and is cut without walking through them', () => {
    const all = IdSet.ofRanges([1, 0xffff_ffff]);
    expect(`${all.without([5, 9])}`).toBe('1:4,6:8,10:4294967295');
    expect(all.at(0xffff_fffe)).toBe(0xffff_ffff);
  });

  it('has one shape for one set: ranges neither overlap nor touch', () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat({ max: 20 })));
    fc.assert(
      fc.property(pairs, (given) => {
        const ranges = given.map(([first, length]) => [first, first + length]);
        const all = ranges.flatMap(([first = 0, last = 0]) =>
          Array.from({ length: last - first + 1 }, (_, i) => first + i),
        );
        expect(IdSet.ofRanges(ranges.flat()).bounds).toEqual(IdSet.of(all).bounds);
      }),
    );
  });
});
