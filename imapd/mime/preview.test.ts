import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeMessage } from './analyze.ts';
import { PREVIEW_OCTETS, previewPart, previewText } from './preview.ts';

function preview(text: string | Buffer, octets = PREVIEW_OCTETS): string | null {
  const message = Buffer.isBuffer(text) ? text : Buffer.from(text);
  const part = previewPart(analyzeMessage(message).partIndex);
  return part && previewText(part, message.subarray(part.bodyAt, Math.min(part.endAt, part.bodyAt + octets)));
}

const part = (type: string, body: string, more = ''): string =>
  `--b\r\nContent-Type: ${type}\r\n${more}\r\n${body}\r\n`;
const multipart = (subtype: string, ...parts: string[]): string =>
  `Content-Type: multipart/${subtype}; boundary=b\r\n\r\n${parts.join('')}--b--\r\n`;

describe('which part', () => {
  it.each([
    ['plain text', 'Subject: x\r\n\r\nHello.\r\n', 'Hello.'],
    [
      'the plain one of alternatives',
      multipart('alternative', part('text/html', '<b>no</b>'), part('text/plain', 'yes')),
      'yes',
    ],
    ['HTML where there is nothing else', multipart('alternative', part('text/html', '<p>yes</p>')), 'yes'],
    [
      'the first text otherwise',
      multipart('mixed', part('image/png', 'x'), part('text/html', 'one'), part('text/plain', 'two')),
      'one',
    ],
    [
      'the text that is signed',
      multipart('signed', part('text/plain', 'signed'), part('application/pgp-signature', 'x')),
      'signed',
    ],
    [
      'that of a message within',
      multipart('mixed', part('message/rfc822', 'Subject: y\r\n\r\nforwarded')),
      'forwarded',
    ],
    ['none of an encrypted message', multipart('encrypted', part('text/plain', 'Version: 1')), null],
    ['none of a picture', 'Content-Type: image/png\r\n\r\nx', null],
  ])('%s', (_, message, expected) => {
    expect(preview(message)).toBe(expected);
  });
});

describe('what of it', () => {
  const html = (body: string): string | null => preview(`Content-Type: text/html; charset=utf-8\r\n\r\n${body}`);

  it('is one line without its encoding, in Unicode', () => {
    const head = 'Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n';
    expect(preview(`${head}Caf=E9 =\r\nau\r\n\r\n\tlait\r\n`)).toBe('Café au lait');
  });

  it('is what people see of HTML', () => {
    expect(html('<html><head><title>no</title><style>p { x: y }</style></head><body><p>One</p><p>t<b>w</b>o</p>')).toBe(
      'One two',
    );
    expect(
      html('<script>if (1 < 2) no()</script>a <!-- no > -->b &lt;c&gt; &amp;amp; &#8364;&#x20AC; &nope; 1 < 2'),
    ).toBe('a b <c> &amp; €€ &nope; 1 < 2');
    expect(html('Hi&zwnj;&nbsp;&#847;&#8203; there<img alt="cut off')).toBe('Hi there');
    expect(html('<style>p {')).toBe('');
  });

  it('is 200 characters at most, none of them cut', () => {
    expect(
      Array.from(preview(`\r\n${'𝄞'.repeat(300)}`.replace(/^/, 'Content-Type: text/plain; charset=utf-8\r\n')) ?? ''),
    ).toHaveLength(200);
    expect(preview(`a: b\r\n\r\n${'word '.repeat(100)}`)).toHaveLength(199);
  });

  it('is made of the beginning of a part, which may end anywhere', () => {
    const base64 = Buffer.from('Hello, world').toString('base64');
    expect(preview(`Content-Transfer-Encoding: base64\r\n\r\n${base64}`, 9)).toBe('Hello,');
  });

  it('of anything is short, well-formed and visible', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('<', '</', '<style', '&#55357;', '&#', '<!--', '-->', '\0'),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.constantFrom('plain', 'html'), (pieces, type) => {
        const text = preview(`Content-Type: text/${type}; charset=utf-8\r\n\r\n${pieces.join('')}`) ?? '';
        expect(text.isWellFormed() && Array.from(text).length <= 200 && !/\p{Cc}| {2}/u.test(text)).toBe(true);
      }),
    );
  });

  it('costs linear time, whatever is sent', () => {
    const hostile = ['<', '<style', '<!--', '<a ', '&#', '<head><', ' \u200b'];
    const before = performance.now();
    for (const one of hostile) html(one.repeat(PREVIEW_OCTETS / one.length));
    expect(performance.now() - before).toBeLessThan(1000);
  });
});
