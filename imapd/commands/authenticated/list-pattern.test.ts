import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ListPattern } from './list-pattern.ts';

test.each([
  // reference, pattern, matches, does not
  ['', '*', ['INBOX', 'a', 'a/b/c'], []],
  ['', '%', ['INBOX', 'a'], ['a/b']],
  ['', 'a/%', ['a/b'], ['a', 'a/b/c']],
  ['', 'a%', ['a', 'ab'], ['a/b', 'ba']],
  ['', '%/c', ['b/c'], ['a/b/c', 'c']],
  ['', '*c', ['c', 'a/b/c', 'abc'], ['cd']],
  ['', 'a*c%', ['ac', 'a/b/cd'], ['a/c/d', 'bc']],
  ['', 'a', ['a'], ['A', 'a/b', '']],
  ['a/', '%', ['a/b'], ['a', 'b']],
  ['a', 'b', ['ab'], ['a/b']],
  ['', '%*%', ['', 'a/b'], []],
] as const)('reference %j, pattern %j', (...[reference, pattern, yes, no]) => {
  const compiled = new ListPattern(reference, pattern);
  for (const name of yes) expect([name, compiled.matches(name)]).toEqual([name, true]);
  for (const name of no) expect([name, compiled.matches(name)]).toEqual([name, false]);
});

test.each(['inbox', 'InBox', 'inb%', 'i*X', '%'])('INBOX is found by %s, in whatever case', (pattern) => {
  expect(new ListPattern('', pattern).matches('INBOX')).toBe(true);
});

test('no other name is matched in another case', () => {
  expect(new ListPattern('', 'arch*').matches('Archive')).toBe(false);
  expect(new ListPattern('', 'inbox/SUB').matches('INBOX/sub')).toBe(false);
  expect(new ListPattern('', 'inbox/sub').matches('INBOX/sub')).toBe(true);
});

test('only a % at the end asks for levels of hierarchy', () => {
  expect(new ListPattern('', 'a/%').asksForLevels).toBe(true);
  expect(new ListPattern('', '%/a').asksForLevels).toBe(false);
  expect(new ListPattern('', '*').asksForLevels).toBe(false);
});

test.each([
  ['', '*', true],
  ['', '%', true],
  ['', 'O*', true],
  ['', 'Other Users', true],
  ['', 'Other Users/ann/box', true],
  ['Other Users/', '%', true],
  ['Other Users/ann/', 'b*', true],
  ['', 'INBOX', false],
  ['', 'INBOX*', false],
  ['', 'Other Usersx*', false],
  ['box/', '%', false],
])('%j %j may match below a level: %j', (reference, pattern, expected) => {
  expect(new ListPattern(reference, pattern).mayMatchBelow('Other Users')).toBe(expected);
});

test('a pattern says the same as the regular expression it looks like', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '%'), maxLength: 12 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 });
  fc.assert(
    fc.property(text, name, (pattern, mailbox) => {
      const expression = new RegExp(`^${pattern.replaceAll('%', '[^/]*').replaceAll(/(?<!\])\*/g, '.*')}$`);
      expect(new ListPattern('', pattern).matches(mailbox)).toBe(expression.test(mailbox));
    }),
    { numRuns: 2000 },
  );
});

test('a pattern made to be slow is not', () => {
  const pattern = new ListPattern('', 'a%*a%'.repeat(200));
  const startedAt = performance.now();
  expect(pattern.matches('a'.repeat(1000))).toBe(true);
  expect(pattern.matches(`${'a'.repeat(1000)}/`)).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(500);
});
