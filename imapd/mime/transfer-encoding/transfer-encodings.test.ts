import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PartDecoder } from '../part-decoder.ts';
import { Base64Decoder } from './base64-decoder.ts';
import { decodeQuotedPrintable, QuotedPrintableDecoder } from './quoted-printable.ts';

describe('quoted-printable', () => {
  it('undoes escapes and soft line breaks, and leaves what is neither', () => {
    const text = "Now's the time =\r\nfor all folk to come=\n to the aid of=   \r\n =3D=e9 = =x 100%=";
    expect(decodeQuotedPrintable(Buffer.from(text, 'latin1')).toString('latin1')).toBe(
      "Now's the time for all folk to come to the aid of =\xe9 = =x 100%=",
    );
  });
});

describe('base64', () => {
  it('skips line ends and junk, and reads on behind padding', () => {
    const decoder = new Base64Decoder();
    const text = [
      decoder.write(Buffer.from('aGV\r\nsb\nG8!=')),
      decoder.write(Buffer.from('=d29y bGQ')),
      decoder.end(),
    ];
    expect(Buffer.concat(text).toString()).toBe('helloworld');
  });
});

describe('in chunks', () => {
  const decoders = { quotedPrintable: () => new QuotedPrintableDecoder(), base64: () => new Base64Decoder() };

  it.each(Object.entries(decoders))('%s gives the same however it is split', (_, decoder) => {
    const piece = fc.constantFrom('=', '=3D', '=\r\n', ' ', '\r\n', 'abcd', 'A', '==', '=E', '\t', 'Zg==', 'ef');
    fc.assert(
      fc.property(fc.array(piece), fc.integer({ min: 1, max: 5 }), (pieces, size) => {
        const input = Buffer.from(pieces.join(''), 'latin1');
        const decode = (step: number) => {
          const one = decoder();
          const output: Buffer[] = [];
          for (let at = 0; at < input.length; at += step) output.push(one.write(input.subarray(at, at + step)));
          return Buffer.concat([...output, one.end()]).toString('latin1');
        };
        expect(decode(size)).toBe(decode(input.length + 1));
      }),
    );
  });

  it('a character may lie across the border', () => {
    const decoder = new PartDecoder({ encoding: 'quoted-printable', charset: 'utf-8' });
    expect(decoder.write(Buffer.from('=E5=8F')) + decoder.write(Buffer.from('=B0')) + decoder.end()).toBe('台');
  });
});
