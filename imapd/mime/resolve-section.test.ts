import { describe, expect, it } from 'vitest';
import type { Section, SectionText } from '../protocol/section.ts';
import { analyzeMessage } from './analyze.ts';
import { resolvePart, resolveSection, sliceRange } from './resolve-section.ts';
import { selectFields } from './select-fields.ts';

/** The message whose part numbers RFC 3501, 6.4.5 lists. */
const message = Buffer.from(
  [
    'Subject: outer',
    'Content-Type: MULTIPART/MIXED; boundary=1',
    '',
    '--1',
    '',
    'part 1',
    '--1',
    'Content-Type: APPLICATION/OCTET-STREAM',
    '',
    'part 2',
    '--1',
    'Content-Type: MESSAGE/RFC822',
    '',
    'Subject: inner',
    'Content-Type: multipart/mixed; boundary=3',
    '',
    '--3',
    '',
    'part 3.1',
    '--3',
    'Content-Type: application/octet-stream',
    '',
    'part 3.2',
    '--3--',
    '--1',
    'Content-Type: multipart/mixed; boundary=4',
    '',
    '--4',
    'Content-Type: image/gif',
    '',
    'part 4.1',
    '--4',
    'Content-Type: message/rfc822',
    '',
    'Subject: innermost',
    '',
    'part 4.2.1',
    '--4--',
    '--1--',
    '',
  ].join('\r\n'),
);
const { partIndex } = analyzeMessage(message);

const section = (name: string): Section => {
  const words = name === '' ? [] : name.split('.');
  const part = words.filter((word) => /^\d+$/.test(word)).map(Number);
  const kind = words.find((word) => /^[A-Z]+$/.test(word));
  return { part, text: kind === undefined ? null : ({ kind } as SectionText) };
};

function textOf(name: string): string | null {
  const resolved = resolveSection(partIndex, section(name));
  return resolved === null ? null : message.subarray(resolved.range.from, resolved.range.to).toString();
}

describe('sections', () => {
  it.each([
    ['', message.toString()],
    ['HEADER', 'Subject: outer\r\nContent-Type: MULTIPART/MIXED; boundary=1\r\n\r\n'],
    ['1', 'part 1'],
    ['1.MIME', '\r\n'],
    ['2', 'part 2'],
    ['2.MIME', 'Content-Type: APPLICATION/OCTET-STREAM\r\n\r\n'],
    ['3.MIME', 'Content-Type: MESSAGE/RFC822\r\n\r\n'],
    ['3.HEADER', 'Subject: inner\r\nContent-Type: multipart/mixed; boundary=3\r\n\r\n'],
    ['3.1', 'part 3.1'],
    ['3.2', 'part 3.2'],
    ['3.2.MIME', 'Content-Type: application/octet-stream\r\n\r\n'],
    ['4.1', 'part 4.1'],
    ['4.1.MIME', 'Content-Type: image/gif\r\n\r\n'],
    ['4.2', 'Subject: innermost\r\n\r\npart 4.2.1'],
    ['4.2.HEADER', 'Subject: innermost\r\n\r\n'],
    ['4.2.TEXT', 'part 4.2.1'],
    ['4.2.1', 'part 4.2.1'],
    ['4.2.1.MIME', 'Subject: innermost\r\n\r\n'],
  ])('%s', (name, expected) => {
    expect(textOf(name)).toBe(expected);
  });

  it('TEXT is everything behind the header', () => {
    expect(`${textOf('HEADER')}${textOf('TEXT')}`).toBe(message.toString());
    expect(`${textOf('3.HEADER')}${textOf('3.TEXT')}`).toBe(textOf('3'));
  });

  it.each([['5'], ['1.1'], ['2.1'], ['1.HEADER'], ['4.HEADER'], ['4.1.TEXT'], ['4.2.2'], ['4.2.1.1'], ['3.3']])(
    '%s: there is none',
    (name) => {
      expect(textOf(name)).toBeNull();
    },
  );

  it('part 1 of a message without parts is its body', () => {
    const plain = Buffer.from('Subject: x\r\n\r\nbody');
    const { partIndex: index } = analyzeMessage(plain);
    const range = (name: string) => resolveSection(index, section(name))?.range;
    expect(range('1')).toEqual({ from: 14, to: 18 });
    expect(range('1.MIME')).toEqual({ from: 0, to: 14 });
    expect(range('2')).toBeUndefined();
    expect(range('1.1')).toBeUndefined();
  });

  it('HEADER.FIELDS of an inner message', () => {
    const text: SectionText = { kind: 'HEADER.FIELDS', fields: ['subject'] };
    const resolved = resolveSection(partIndex, { part: [3], text });
    expect(resolved?.fields).toEqual({ names: ['subject'], not: false });
    const header = message.subarray(resolved?.range.from, resolved?.range.to);
    expect(selectFields(header, ['subject'], false).toString()).toBe('Subject: inner\r\n\r\n');
  });
});

describe('partial ranges', () => {
  it.each([
    [null, { from: 10, to: 20 }],
    [
      { offset: 0, length: 3 },
      { from: 10, to: 13 },
    ],
    [
      { offset: 8, length: 30 },
      { from: 18, to: 20 },
    ],
    [
      { offset: 10, length: 1 },
      { from: 20, to: 20 },
    ],
    [
      { offset: 4294967295, length: 4294967295 },
      { from: 20, to: 20 },
    ],
  ])('%j', (partial, expected) => {
    expect(sliceRange({ from: 10, to: 20 }, partial)).toEqual(expected);
  });
});

describe('parts with their transfer encoding (RFC 3516)', () => {
  const encoded = Buffer.from(
    [
      'Content-Type: multipart/mixed; boundary=b',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      '--b',
      'Content-Transfer-Encoding: BASE64',
      '',
      'YWJj',
      '--b',
      'Content-Type: multipart/mixed; boundary=c',
      'Content-Transfer-Encoding: base64',
      '',
      '--c',
      '',
      'x',
      '--c--',
      '--b',
      'Content-Transfer-Encoding: x-uuencode',
      '',
      'y',
      '--b--',
      '',
    ].join('\r\n'),
  );
  const { partIndex: index } = analyzeMessage(encoded);
  const found = (...part: number[]): unknown[] | null => {
    const place = resolvePart(index, part);
    return place && [place.encoding, encoded.subarray(place.range.from, place.range.to).toString()];
  };

  it('a leaf has the one it names, a multipart and the message none whatever they say', () => {
    expect(found()).toEqual(['binary', encoded.toString()]);
    expect(found(1)).toEqual(['base64', 'YWJj']);
    expect(found(2)).toEqual(['binary', '--c\r\n\r\nx\r\n--c--']);
    expect(found(2, 1)).toEqual(['7bit', 'x']);
    expect(found(3)).toEqual(['x-uuencode', 'y']);
    expect(found(4)).toBeNull();
  });
});
