import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unicodeCasemap } from './unicode-casemap.ts';

const sorted = (texts: readonly string[]): string[] =>
  texts.toSorted((a, b) => {
    const [x, y] = [unicodeCasemap(a), unicodeCasemap(b)];
    if (x === y) return 0;
    return x < y ? -1 : 1;
  });

describe('unicodeCasemap', () => {
  it.each([
    ['hello', 'HELLO'],
    ['Grüße', 'GRÜßE'],
    ['straße', 'STRAßE'],
    ['Γειά', 'ΓΕΙΆ'],
    ['привет', 'ПРИВЕТ'],
    ['e\u0301', 'É'],
    ['ᾳ', 'ᾼ'],
    ['ſ', 's'],
    ['한', '\u1112\u1161\u11ab'],
    ['ｆｕｌｌ', 'ＦＵＬＬ'],
  ])('%s equals %s', (a, b) => {
    expect(unicodeCasemap(a)).toBe(unicodeCasemap(b));
  });

  it('takes the three forms of a digraph for one (RFC 5051, 2: U+01C4 becomes D, z, caron)', () => {
    expect(['\u01c4', '\u01c5', '\u01c6'].map(unicodeCasemap)).toEqual(Array(3).fill('Dz\u030c'));
  });

  it.each([
    ['ß', 'ss'],
    ['a', 'ä'],
    ['ა', 'Ა'],
  ])('%s is not %s', (a, b) => {
    expect(unicodeCasemap(a)).not.toBe(unicodeCasemap(b));
  });

  it('orders as UTF-8 does, above U+FFFF too', () => {
    expect(sorted(['\u{1f600}', '\uff01x', '\ufb1d', 'z', 'Ä', '[', 'b', 'A', ''])).toEqual([
      // U+FF01 is an exclamation mark, U+FB1D two Hebrew characters.
      ...['', '\uff01x', 'A', 'Ä', 'b', 'z', '[', '\ufb1d', '\u{1f600}'],
    ]);
    // None of these has a case or a decomposition: their order is that of their octets.
    const plain = fc.constantFrom(
      '\u0021',
      '\u0905',
      '\u4e00',
      '\ue000',
      '\ufffd',
      '\u{10000}',
      '\u{1f600}',
      '\u{10fffd}',
    );
    const text = fc.array(plain, { maxLength: 4 }).map((characters) => characters.join(''));
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [x, y] = [unicodeCasemap(a), unicodeCasemap(b)];
        const order = x < y ? -1 : Number(x > y);
        expect(order).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it('maps what it has mapped to an equal text or one in the same class', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 12 }), (text) => {
        expect(unicodeCasemap(text.toLowerCase())).toBe(unicodeCasemap(text.toUpperCase()));
      }),
    );
  });
});
