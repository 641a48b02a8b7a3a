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
  { what: 'as a dotless i for an i', header: 'Subject: kirmizi', value: 'k\u0131rm\u0131z\u0131', found: true },
  {
    what: 'as an i for a dotless one',
    header: 'Subject: =?utf-8?q?k=C4=B1rm=C4=B1z=C4=B1?=',
    value: 'KIRMIZI',
    found: true,
  },
  { what: 'as an i among dotless ones', header: 'Subject: =?iso-8859-9?q?k=FDrm=FDz=FD?=', value: 'rmiz', found: true },
  { what: 'as a long s for an s', header: 'Subject: weekly news', value: 'NEW\u017f', found: true },
  { what: 'as a sharp s', header: 'Subject: =?iso-8859-1?q?Stra=DFe?=', value: 'STRA\u00dfE', found: true },
  {
    what: 'as two letters for a sharp s',
    header: 'Subject: =?iso-8859-1?q?Stra=DFe?=',
    value: 'strasse',
    found: false,
  },
  { what: 'as a sharp s for two letters', header: 'Subject: Strasse', value: 'stra\u00dfe', found: false },
  {
    what: 'as a last sigma',
    header: 'Subject: =?utf-8?b?zr/OtM+Fz4PPg861z43Pgg==?=',
    value: '\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u0301\u03a3',
    found: true,
  },
  {
    what: 'as any sigma',
    header: 'Subject: =?iso-8859-7?q?=D3=CF=D6=CF=D3?=',
    value: '\u03c3\u03bf\u03c6\u03bf\u03c2',
    found: true,
  },
  { what: 'composed otherwise', header: 'Subject: =?utf-8?q?Cafe=CC=81?=', value: 'CAF\u00c9', found: true },
  { what: 'as an empty text', header: 'Subject: weekly', value: '', found: true },
  { what: 'as an empty text, without the field', header: 'To: weekly', value: '', found: false },
])('a text that is there $what is found: $found', ({ header, value, found }) => {
  expect(contains(header, 'SUBJECT', value)).toBe(found);
});
