import { expect, test } from 'vitest';
import { constantIn } from './documented-constant.ts';

const source = `
/** Octets of a line. */
const LINE = 64 * 1024;
const SILENT = 5;
/**
 * Octets
 * of all.
 */
export const ALL = 2 << 10;
/** Things. */
const MANY = 20_000;
/** Not a number. */
const COMPUTED = LINE * 2;
`;

test.each([
  { name: 'LINE', found: { value: 65_536, meaning: 'Octets of a line.' } },
  { name: 'ALL', found: { value: 2048, meaning: 'Octets of all.' } },
  { name: 'MANY', found: { value: 20_000, meaning: 'Things.' } },
  { name: 'SILENT', found: null },
  { name: 'COMPUTED', found: null },
  { name: 'NONE', found: null },
])('$name', ({ name, found }) => {
  expect(constantIn(source, name)).toEqual(found);
});
