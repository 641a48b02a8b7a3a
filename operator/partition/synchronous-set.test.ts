import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MemberName, memberName } from '#contract/names.ts';
import { buildInput } from '../test-support/build-input.ts';
import { promiseDuring, promotionIsSafe, wantedSet } from './synchronous-set.ts';

const [a, b, c] = ['a', 'b', 'c'].map(memberName) as [MemberName, MemberName, MemberName];

test.each([
  [{ required: 1, members: [b, c] }, [b, c], true],
  [{ required: 1, members: [b, c] }, [b], false],
  [{ required: 1, members: [b] }, [b], true],
  [{ required: 1, members: [b] }, [c], false],
  [{ required: 2, members: [b, c] }, [c], true],
  [{ required: 0, members: [] }, [b, c], false],
])('%j, detached %j: safe %s', (set, detached, safe) => {
  expect(promotionIsSafe(set, detached)).toBe(safe);
});

test('safe means: whoever acknowledged, one of those that are asked has it', () => {
  const names = fc.uniqueArray(fc.nat(8), { minLength: 1, maxLength: 6 }).map((n) => n.map((i) => memberName(`m${i}`)));
  const cases = fc.record({ members: names, detached: names, required: fc.nat(6), seed: fc.nat(1e6) });
  const property = fc.property(cases, ({ members, detached, required, seed }) => {
    fc.pre(required <= members.length);
    // Any `required` of the members may have been those that acknowledged.
    const acknowledged = members.toSorted((x, y) => hash(x, seed) - hash(y, seed)).slice(0, required);
    if (promotionIsSafe({ required, members }, detached)) {
      expect(acknowledged.some((member) => detached.includes(member))).toBe(true);
    }
  });
  fc.assert(property);
});

const hash = (name: string, seed: number): number => (seed * (name.charCodeAt(1) + 7)) % 101;

test('a majority of all members has every commit', () => {
  const { spec } = buildInput();
  expect(wantedSet(spec, a, [])).toEqual({ required: 1, members: [b, c] });
  const degradable = { ...spec, durability: { mode: 'Quorum', whenDegraded: 'Async' } } as const;
  expect(wantedSet(degradable, a, [b])).toEqual({ required: 1, members: [b, c] });
  expect(wantedSet(degradable, a, [])).toEqual({ required: 0, members: [] });
  expect(wantedSet({ ...spec, durability: { mode: 'Async', whenDegraded: 'Hold' } }, a, [b, c]).required).toBe(0);
  expect(wantedSet({ ...spec, members: spec.members.slice(0, 1) }, a, []).required).toBe(0);
});

test('on the way between two sets the record promises no more than either keeps', () => {
  const one = { required: 1, members: [b, c] };
  expect(promiseDuring({ required: 2, members: [c, b] }, one)).toEqual(one);
  expect(promiseDuring(one, { required: 2, members: [b, c] })).toEqual(one);
  expect(promiseDuring(one, { required: 1, members: [b] })).toEqual({ required: 0, members: [] });
});
