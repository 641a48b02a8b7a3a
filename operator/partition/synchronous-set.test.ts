import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MemberName, memberName } from '#contract/names.ts';
import { buildInput } from '../test-support/build-input.ts';
import type { MemberSpec } from './partition-spec.ts';
import type { SynchronousSet } from './record.ts';
import { promiseDuring, promotionIsSafe, wantedSet } from './synchronous-set.ts';

const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map(memberName) as [
  MemberName,
  MemberName,
  MemberName,
  MemberName,
  MemberName,
];

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

/** A primary, its replicas, and what the engine makes of them. */
test.for([
  ['postgresql', 3, 1, 2],
  ['postgresql', 5, 2, 3],
  ['mysql', 5, 2, 3],
  ['mysql', 9, 4, 5],
  ['mariadb', 2, 1, 1],
  ['mariadb', 3, 1, 2],
  // Two of four that are detached prove nothing: the one that acknowledged may be among the others.
  ['mariadb', 5, 1, 4],
  ['mariadb', 9, 1, 8],
] as const)('%s with %i members: a commit waits for %i, a promotion asks %i', ([engine, count, required, asked]) => {
  const members = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
    .slice(0, count)
    .map((name) => ({ name: memberName(name), endpoint: { host: name, port: 3306 }, agentUrl: null }));
  const { spec } = buildInput({ spec: { engine, members } });
  const set = wantedSet(spec, a, []);
  const replicas = members.slice(1).map(({ name }) => name);
  expect(set).toEqual({ required, members: replicas });
  expect(promotionIsSafe(set, replicas.slice(0, asked))).toBe(true);
  expect(promotionIsSafe(set, replicas.slice(0, asked - 1))).toBe(false);
});

test('where writing goes on without replicas, one of MariaDB is enough to wait for', () => {
  const names = [a, b, c, d, e];
  const members = names.map((name) => ({ name, endpoint: { host: name, port: 3306 }, agentUrl: null }));
  const durability = { mode: 'Quorum', whenDegraded: 'Async' } as const;
  const setOf = (engine: 'mariadb' | 'mysql') =>
    wantedSet(buildInput({ spec: { engine, members, durability } }).spec, a, [e]);
  expect(setOf('mariadb')).toEqual({ required: 1, members: [b, c, d, e] });
  expect(setOf('mysql')).toEqual({ required: 0, members: [] });
});

test('a newcomer is waited for by nobody and takes nobody’s vote', () => {
  const { spec } = buildInput();
  const [first, second, third] = spec.members as [MemberSpec, MemberSpec, MemberSpec];
  const newcomer = (name: string): MemberSpec => ({ ...third, name: memberName(name), newcomer: true });
  const five = { ...spec, members: [...spec.members, newcomer('d'), newcomer('e')] };
  expect(wantedSet(five, a, [b, c])).toEqual({ required: 1, members: [b, c] });
  const replaced = { ...spec, members: [first, second, newcomer('d')] };
  expect(wantedSet(replaced, a, [b])).toEqual({ required: 1, members: [b] });
  expect(promotionIsSafe(wantedSet(replaced, a, [b]), [b])).toBe(true);
});

const engines = ['postgresql', 'mariadb', 'mysql'] as const;

test.for(engines)('on the way between two sets the record promises no more than either keeps: %s', (engine) => {
  const during = (from: SynchronousSet, to: SynchronousSet) => promiseDuring(from, to, engine);
  const one = { required: 1, members: [b, c] };
  expect(during({ required: 2, members: [c, b] }, one)).toEqual(one);
  expect(during(one, { required: 2, members: [b, c] })).toEqual(one);
  // One more member: what was promised goes on, and is promised again of one less.
  const two = { required: 2, members: [b, c, d] };
  expect(during(one, two)).toEqual(one);
  expect(during({ required: 2, members: [b, c, d, e] }, two)).toEqual({ required: 1, members: [b, c, d] });
  // It might be acknowledged by one alone that only one of them has: all of both are asked.
  expect(during(one, { required: 1, members: [b] })).toEqual(one);
  expect(during({ required: 1, members: [b] }, one)).toEqual(one);
  expect(during(one, { required: 1, members: [b, d] })).toEqual({ required: 1, members: [b, c, d] });
  expect(during(one, { required: 2, members: [b, c, d, e] })).toEqual({ required: 1, members: [b, c, d, e] });
  // For nobody means for nobody.
  expect(during(one, { required: 0, members: [] })).toEqual({ required: 0, members: [] });
  expect(during({ required: 0, members: [] }, one)).toEqual({ required: 0, members: [] });
});

test('where one leaves, and fewer are waited for, his word may be all there is, if the server keeps it', () => {
  const two = { required: 2, members: [b, c, d] };
  const one = { required: 1, members: [b, c] };
  expect(promiseDuring(two, one, 'postgresql')).toEqual(one);
  const onTheWay = promiseDuring(two, one, 'mysql');
  expect(onTheWay).toEqual({ required: 1, members: [b, c, d] });
  expect(promiseDuring(onTheWay, one, 'mysql')).toEqual(onTheWay);
});

test('whoever acknowledged under either of two sets, what is on record on the way between them is kept', () => {
  const names = fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 5 }).map((n) => n.map((i) => memberName(`m${i}`)));
  const sets = fc.record({ members: names, required: fc.nat(5) }).filter((set) => set.required <= set.members.length);
  const property = fc.property(
    fc.tuple(sets, sets),
    fc.nat(1e6),
    fc.constantFrom(...engines),
    ([from, to], seed, engine) => {
      const during = (set: SynchronousSet) => promiseDuring(set, to, engine);
      const isKept = (promise: SynchronousSet, { members, required }: SynchronousSet): void => {
        const acknowledged = members.toSorted((x, y) => hash(x, seed) - hash(y, seed)).slice(0, required);
        const kept = acknowledged.filter((member) => promise.members.includes(member)).length;
        expect(kept).toBeGreaterThanOrEqual(promise.required);
      };
      const [first, second] = [during(from), during(during(from))];
      for (const promise of [first, second]) for (const set of [from, to]) isKept(promise, set);
      // Once there, nothing changes on the way any more.
      expect(during(second)).toEqual(second);
    },
  );
  fc.assert(property);
});

test('nor is a commit lost that waited for two, and was let go with one by the word of who left', () => {
  const members = fc.uniqueArray(fc.nat(6), { minLength: 2, maxLength: 6 });
  const property = fc.property(members, fc.tuple(fc.nat(5), fc.nat(5)), fc.nat(1e6), (numbers, [more, fewer], seed) => {
    const all = numbers.map((number) => memberName(`m${number}`));
    const from = { required: Math.min(more + 1, all.length), members: all };
    const staying = all.slice(1);
    const to = { required: Math.min(fewer + 1, from.required, staying.length), members: staying };
    const promise = promiseDuring(from, to, 'mysql');
    // As many replies as the new set asks for, of anybody of the old one.
    const replied = all.toSorted((x, y) => hash(x, seed) - hash(y, seed)).slice(0, to.required);
    const kept = replied.filter((member) => promise.members.includes(member)).length;
    if (to.required < from.required) expect(kept).toBeGreaterThanOrEqual(promise.required);
  });
  fc.assert(property);
});
