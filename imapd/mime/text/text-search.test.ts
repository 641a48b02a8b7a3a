import { describe, expect, it } from 'vitest';
import { analyzeMessage } from '../analyze.ts';
import { headerValues } from '../header-values.ts';
import { foldText } from './needle.ts';
import { TextSearch } from './text-search.ts';

const message = Buffer.from(
  [
    'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
    'To: a@b,',
    ' c@d',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    'preamble',
    '--b',
    'Content-Type: text/plain; charset=iso-8859-1',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'Der gro=DFe B=E4r schl=',
    '=E4ft',
    '--b',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('<b>東京 Tower</b>').toString('base64'),
    '--b',
    'Content-Type: application/octet-stream',
    '',
    'secret attachment',
    '--b',
    'Content-Type: message/rfc822',
    '',
    'Subject: =?utf-8?q?inner=20needle?=',
    '',
    'deep text',
    '--b--',
  ].join('\r\n'),
);
const { partIndex, headerBlock } = analyzeMessage(message);

function found(sought: string, step = message.length): { body: boolean | undefined; text: boolean | undefined } {
  const search = new TextSearch(partIndex, { body: [sought], text: [sought] });
  for (let at = 0; at < message.length; at += step) search.write(message.subarray(at, at + step));
  const { body, text } = search.end();
  return { body: body[0], text: text[0] };
}

describe('TextSearch', () => {
  it.each([
    ['GROßE BÄR', true, true],
    ['schläft', true, true],
    ['東京', true, true],
    ['inner needle', true, true],
    ['DEEP text', true, true],
    ['Grüße', false, true],
    ['a@b, c@d', false, true],
    ['secret', false, false],
    ['preamble', false, false],
    ['=DF', false, false],
    ['schläft東', false, false],
    ['', true, true],
  ])('%s', (sought, body, text) => {
    expect(found(sought)).toEqual({ body, text });
    expect(found(sought, 1)).toEqual({ body, text });
    expect(found(sought, 7)).toEqual({ body, text });
  });

  it('is done as soon as everything is found', () => {
    const search = new TextSearch(partIndex, { body: [], text: ['grüße'] });
    expect(search.done).toBe(false);
    search.write(message.subarray(0, headerBlock.length));
    expect(search.done).toBe(true);
  });

  it('finds composed and decomposed letters alike, and letters without what stands above them (RFC 5051)', () => {
    expect(foldText('Bär')).toBe(foldText('BA\u0308R'));
    expect(foldText('Café').includes(foldText('cafe'))).toBe(true);
    expect(foldText('Cafe').includes(foldText('café'))).toBe(false);
    expect(foldText('straße')).not.toBe(foldText('strasse'));
    expect(foldText('\u{1f600}\u{10428} x')).toBe(foldText('\u{1f600}\u{10400} X'));
  });
});

describe('headerValues', () => {
  it('gives what people read of a field', () => {
    expect(headerValues(headerBlock, 'subject')).toEqual(['Grüße']);
    expect(headerValues(headerBlock, 'TO')).toEqual(['a@b, c@d']);
    expect(headerValues(headerBlock, 'cc')).toEqual([]);
  });
});
