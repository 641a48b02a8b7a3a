import { expect, test } from 'vitest';
import type { Uid } from '../../store/types.ts';
import { headerFacts } from './message-facts.ts';

// Promise: whether a field contains a text does not depend on how the header is written.

const contains = (header: string, field: string, value: string): boolean =>
  headerFacts({ uid: 1 as Uid, header: Buffer.from(`${header}\r\n\r\n`) }).contains(field, value);

test.each([
  { what: 'in another case', header: 'Subject: Quarterly', value: 'qUARTERLY', found: true },
  { what: 'not at all', header: 'Subject: weekly', value: 'quarterly', found: false },
  { what: 'in another field alone', header: 'To: quarterly\r\nSubject: weekly', value: 'quarterly', found: false },
  { what: 'across a folded line', header: 'Subject: first\r\n quarter', value: 'first quarter', found: true },
  { what: 'in an encoded word', header: 'Subject: =?utf-8?b?cXVhcnRlcmx5?=', value: 'quarterly', found: true },
  { what: 'half of it encoded', header: 'Subject: quarter =?utf-8?q?ly?=', value: 'quarter ly', found: true },
  { what: 'as a letter whose small one is ASCII', header: 'Subject: 10 \u212aB', value: 'kb', found: true },
  { what: 'beyond ASCII', header: 'Subject: Gr\u00fc\u00dfe', value: 'GR\u00dc', found: true },
  { what: 'as an empty text', header: 'Subject: weekly', value: '', found: true },
  { what: 'as an empty text, without the field', header: 'To: weekly', value: '', found: false },
])('a text that is there $what is found: $found', ({ header, value, found }) => {
  expect(contains(header, 'SUBJECT', value)).toBe(found);
});
