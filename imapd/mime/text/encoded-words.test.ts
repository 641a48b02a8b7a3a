import { describe, expect, it } from 'vitest';
import { decodeHeaderText } from './encoded-words.ts';

describe('decodeHeaderText', () => {
  it.each([
    ['=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>', 'Keith Moore <moore@cs.utk.edu>'],
    ['=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=', 'Keld Jørn Simonsen'],
    [
      '=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=',
      'If you can read this you understand the example.',
    ],
    ['(=?ISO-8859-1?Q?a?= b)', '(a b)'],
    ['=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=', 'ab'],
    ['=?ISO-8859-1?Q?a_b?=', 'a b'],
    ['=?US-ASCII*EN?Q?Keith_Moore?=', 'Keith Moore'],
    ['=?utf-8?b?5Y+w?= =?utf-8?b?5YyX?=', '台北'],
    ['=?utf-8?q?=E5=8F?= =?utf-8?q?=B0?=', '台'],
  ])('%s', (value, expected) => {
    expect(decodeHeaderText(value)).toBe(expected);
  });

  it('takes raw octets for UTF-8 where they are that, else for windows-1252', () => {
    expect(decodeHeaderText('K\xc3\xb6ln')).toBe('Köln');
    expect(decodeHeaderText('K\xf6ln')).toBe('Köln');
  });

  it('leaves what it does not know', () => {
    for (const value of ['=?x-none?q?abc?=', '=?utf-8?x?abc?=', '=?utf-8?q?abc', 'a =? b', '=?utf-8?q?a b?=']) {
      expect(decodeHeaderText(value)).toBe(value);
    }
  });

  it('time: a flood of words is read in linear time', () => {
    const before = performance.now();
    expect(decodeHeaderText('=?utf-8?q?a?= '.repeat(50_000))).toHaveLength(50_001);
    decodeHeaderText(`=?utf-8?q?a?=${' '.repeat(500_000)}=?`);
    decodeHeaderText('=?utf-8?q?'.repeat(50_000));
    expect(performance.now() - before).toBeLessThan(1000);
  });
});
