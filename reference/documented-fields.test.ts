import { expect, test } from 'vitest';
import { fieldsOf } from './documented-fields.ts';

test('a comment belongs to the field that follows it, over lines, and to no other', () => {
  const body = `
  /** Octets. */
  readonly line: number;
  readonly silent: number;
  /**
   * One.
   * Two: at most 3.
   */
  readonly long?: string;
`;
  expect(fieldsOf(body)).toEqual([
    { name: 'line', meaning: 'Octets.' },
    { name: 'silent', meaning: null },
    { name: 'long', meaning: 'One. Two: at most 3.' },
  ]);
});
