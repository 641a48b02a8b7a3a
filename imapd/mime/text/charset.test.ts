import { describe, expect, it } from 'vitest';
import { charsetDecoder, decodeCharset, isKnownCharset } from './charset.ts';

const octets = (...bytes: number[]): Buffer => Buffer.from(bytes);

describe('charsets', () => {
  it.each([
    ['utf-8', octets(0xe5, 0x8f, 0xb0), '台'],
    ['ISO-8859-1', octets(0x93, 0xe9, 0x94), '“é”'],
    ['us-ascii', octets(0x61, 0x80), 'a€'],
    ['koi8-r', octets(0xd6), 'ж'],
    ['iso-2022-jp', Buffer.from('\x1b$BEl5~\x1b(B'), null],
    ['gb18030', octets(0xb1, 0xb1), '北'],
    ['shift_jis', octets(0x93, 0x8c), '東'],
    ['utf-8', octets(0x61, 0xff), 'a\ufffd'],
  ])('%s', (charset, bytes, expected) => {
    expect(decodeCharset(bytes, charset)).toBe(expected);
  });

  it.each([
    ['base64'],
    ['hex'],
    ['binary'],
    ['_internal'],
    ['x-none'],
    [''],
    ['toString'],
    ['__proto__'],
    ['a'.repeat(100)],
  ])('%j is none', (name) => {
    expect(isKnownCharset(name)).toBe(false);
    expect(decodeCharset(octets(0x61), name)).toBeNull();
  });

  it('a decoder of an unknown charset still reads ASCII', () => {
    expect(charsetDecoder('x-none').write(Buffer.from('abc'))).toBe('abc');
    expect(charsetDecoder(null).write(Buffer.from('abc'))).toBe('abc');
  });

  it('a decoder keeps half a character for the next chunk, and gives it up at the end', () => {
    const decoder = charsetDecoder('utf-8');
    expect(decoder.write(octets(0xe5, 0x8f))).toBe('');
    expect(decoder.write(octets(0xb0, 0xe5))).toBe('台');
    expect(decoder.end()).toBe('\ufffd');
  });
});
