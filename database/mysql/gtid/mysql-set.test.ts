import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  containsGtids,
  countGtids,
  type GtidSet,
  ofSources,
  parseGtidSet,
  printGtidSet,
  subtractGtids,
  unionOf,
} from './mysql-set.ts';
import { asText, members, SOURCES } from './test-support/arbitrary-set.ts';

const [A, , B] = SOURCES;

test.each([
  ['nothing', '', ''],
  ['blanks', ' \n', ''],
  ['one', `${A}:5`, `${A}:5`],
  ['an interval of one', `${A}:5-5`, `${A}:5`],
  ['intervals that touch', `${A}:1-4:5-6`, `${A}:1-6`],
  ['intervals within another', `${A}:1-9:2-3:12`, `${A}:1-9:12`],
  ['any order', `${B}:1,${A}:7:1-3`, `${A}:1-3:7,${B}:1`],
  ['one source twice', `${A}:1,${B}:1,${A}:2`, `${A}:1-2,${B}:1`],
  ['line breaks, as a server prints them', `${A}:1-3,\n${B}:1`, `${A}:1-3,${B}:1`],
  ['capitals', `${A.toUpperCase()}:1`, `${A}:1`],
  ['tags', `${A}:tag_b:1-2:tag_a:7,${A}:3`, `${A}:3:tag_a:7:tag_b:1-2`],
  ['the highest number', `${A}:1-9223372036854775806`, `${A}:1-9223372036854775806`],
])('%s', (_, text, printed) => {
  expect(printGtidSet(parseGtidSet(text))).toBe(printed);
});

test.each(['x', A, `${A}:`, `${A}:0`, `${A}:3-1`, `${A}:1,`, `${A}:tag`, `${A}:1:tag`, `${A}:1-2-3`, '0-1-5', '0/1'])(
  '%j is refused by name',
  (text) => {
    expect(() => parseGtidSet(text)).toThrow(JSON.stringify(text));
  },
);

/** Back into the model, one by one. */
const spread = (set: GtidSet): ReadonlySet<string> =>
  new Set(
    [...set].flatMap(([source, intervals]) =>
      intervals.flatMap(({ first, last }) =>
        Array.from({ length: Number(last - first) + 1 }, (_, index) => `${source}:${Number(first) + index}`),
      ),
    ),
  );

test('they are sets', () => {
  const property = fc.property(members, members, (a, b) => {
    const [x, y] = [parseGtidSet(asText(a)), parseGtidSet(asText(b))];
    expect(spread(x)).toEqual(a);
    expect(spread(unionOf(x, y))).toEqual(a.union(b));
    expect(spread(subtractGtids(x, y))).toEqual(a.difference(b));
    expect(containsGtids(x, y)).toBe(b.isSubsetOf(a));
    expect(countGtids(x)).toBe(BigInt(a.size));
  });
  fc.assert(property);
});

test('one set has one text, whichever way it came about', () => {
  const property = fc.property(members, members, (a, b) => {
    const [x, y] = [parseGtidSet(asText(a)), parseGtidSet(asText(b))];
    const whole = printGtidSet(parseGtidSet(asText(a.union(b))));
    expect(printGtidSet(unionOf(x, y))).toBe(whole);
    expect(printGtidSet(unionOf(subtractGtids(x, y), y))).toBe(whole);
    expect(printGtidSet(parseGtidSet(whole))).toBe(whole);
  });
  fc.assert(property);
});

test('of some servers alone, with their tags', () => {
  const set = parseGtidSet(`${A}:1-3:tag:1,${B}:1`);
  expect(printGtidSet(ofSources(set, [A]))).toBe(`${A}:1-3:tag:1`);
  expect(printGtidSet(ofSources(set, [B, 'another']))).toBe(`${B}:1`);
  expect(printGtidSet(ofSources(set, []))).toBe('');
});
