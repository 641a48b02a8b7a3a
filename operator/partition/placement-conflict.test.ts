import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitionName } from '#contract/names.ts';
import { type Claim, placementConflictMessage, placementConflicts } from './placement-conflict.ts';

const claim = (
  name: string,
  createdAt: number,
  holds: Partial<Pick<Claim, 'slots' | 'users' | 'namespaces'>>,
): Claim => ({
  partition: partitionName(name),
  createdAt,
  slots: [],
  users: [],
  namespaces: [],
  ...holds,
});

const found = (...claims: readonly Claim[]) => Object.fromEntries(placementConflicts(claims));

test('partitions that share nothing have no conflict', () => {
  const first = claim('a', 1, { slots: ['0-511'], users: ['ada'] });
  expect(found(first, claim('b', 2, { slots: ['512-1023'], users: ['eve'] }))).toEqual({});
  expect(found(first)).toEqual({});
});

test('the later gives way, in whatever order they are listed', () => {
  const early = claim('z', 1, { slots: ['0-600'] });
  const late = claim('a', 2, { slots: ['512-1023'] });
  const conflict = { a: [{ with: 'z', slots: [{ from: 512, to: 600 }], users: [], namespaces: [] }] };
  expect(found(early, late)).toEqual(conflict);
  expect(found(late, early)).toEqual(conflict);
});

test('of the same second, the first by name holds', () => {
  const [a, b] = [claim('a', 7, { slots: ['5'] }), claim('b', 7, { slots: ['0-9'] })];
  expect(Object.keys(found(b, a))).toEqual(['b']);
});

test('users are one however they are written; a user and the slot it falls into are no conflict', () => {
  const first = claim('a', 1, { users: ['Ada', 'eve'] });
  expect(found(first, claim('b', 2, { slots: ['0-1023'], users: ['ADA', 'ada', 'bob'] }))).toEqual({
    b: [{ with: 'a', slots: [], users: ['ada'], namespaces: [] }],
  });
});

test('shared namespaces are compared letter by letter, however these are composed', () => {
  const first = claim('a', 1, { namespaces: ['Shared', 'News', 'Über'] });
  expect(found(first, claim('b', 2, { namespaces: ['news', 'Shared', 'U\u0308ber'] }))).toEqual({
    b: [{ with: 'a', slots: [], users: [], namespaces: ['Shared', 'Über'] }],
  });
});

test('each holder is named, and each slot once', () => {
  const claims = [
    claim('a', 1, { slots: ['0-9', '5-19'] }),
    claim('b', 2, { slots: ['30'] }),
    claim('c', 3, { slots: ['7-30', '8-9'], users: ['x'] }),
  ];
  expect(found(...claims)).toEqual({
    c: [
      { with: 'a', slots: [{ from: 7, to: 19 }], users: [], namespaces: [] },
      { with: 'b', slots: [{ from: 30, to: 30 }], users: [], namespaces: [] },
    ],
  });
});

test('the message says what, with whom, and what to do', () => {
  const users = Array.from({ length: 7 }, (_, index) => `u${index}`);
  const conflicts = placementConflicts([
    claim('a', 1, { slots: ['0-9', '20'], users }),
    claim('b', 2, { slots: ['5-20'], users }),
  ]);
  expect(placementConflictMessage(conflicts.get(partitionName('b')) ?? [])).toBe(
    'slots 5-9, 20 and users u0, u1, u2, u3, u4 and 2 more held by a: they stay there; ' +
      'take them out of spec.holds of one of the partitions',
  );
});

test('any claims: a slot is in conflict exactly where an earlier partition claims it too', () => {
  const slot = fc.integer({ min: 0, max: 30 });
  const range = fc.tuple(slot, slot).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const claims = fc
    .array(fc.record({ createdAt: fc.integer({ min: 0, max: 3 }), slots: fc.array(range, { maxLength: 4 }) }), {
      maxLength: 4,
    })
    .map((list) => list.map(({ createdAt, slots }, index) => claim(`p${index}`, createdAt, { slots })));
  const holds = ({ slots }: Claim, at: number): boolean =>
    slots.some((text) => {
      const [from = 0, to = 0] = text.split('-').map(Number);
      return from <= at && at <= to;
    });
  fc.assert(
    fc.property(claims, slot, (all, at) => {
      const conflicts = placementConflicts(all);
      const [holder] = all
        .filter((one) => holds(one, at))
        .sort((a, b) => a.createdAt - b.createdAt || a.partition.localeCompare(b.partition));
      for (const one of all) {
        const told = conflicts.get(one.partition)?.some(({ slots }) => slots.some((r) => r.from <= at && at <= r.to));
        expect(told ?? false).toBe(holds(one, at) && one !== holder);
      }
    }),
  );
});
