import { describe, expect, it } from 'vitest';
import { parseStructuredValue } from './structured-value.ts';

describe('parseStructuredValue', () => {
  it.each([
    ['text/plain; charset=us-ascii (Plain text)', 'text/plain', [['charset', 'us-ascii']]],
    ['text/plain; charset="us-ascii"', 'text/plain', [['charset', 'us-ascii']]],
    [
      'attachment; filename="a \\"b\\"; c.txt"; size=1',
      'attachment',
      [
        ['filename', 'a "b"; c.txt'],
        ['size', '1'],
      ],
    ],
    ['(c) text (c) / (c) html (c) ; (c) a (c) = (c) b', 'text/html', [['a', 'b']]],
    ["x/y; f*=utf-8''%e2%82%ac", 'x/y', [['f*', "utf-8''%e2%82%ac"]]],
    [
      'x/y; f*1=b; f*0=a; n=1; N=2',
      'x/y',
      [
        ['f', 'ab'],
        ['n', '1'],
        ['N', '2'],
      ],
    ],
  ])('%s', (text, value, parameters) => {
    expect(parseStructuredValue(text)).toEqual({ value, parameters });
  });

  it.each([
    [
      'a name of a file without quotes',
      'x/y; name=my file.txt; a=b',
      [
        ['name', 'my'],
        ['a', 'b'],
      ],
    ],
    ['an open quote', 'x/y; name="open; a=b', [['name', 'open; a=b']]],
    ['no value, no name, nothing', 'x/y; a; =b; ;; c=d;', [['c', 'd']]],
    [
      'an empty value',
      'x/y; a=; b=""',
      [
        ['a', ''],
        ['b', ''],
      ],
    ],
    ['an open comment', 'x/y (; a=b', []],
  ])('forgives %s', (_, text, parameters) => {
    expect(parseStructuredValue(text)).toEqual({ value: 'x/y', parameters });
  });

  it('reads a bounded number of parameters', () => {
    expect(parseStructuredValue(`x/y${'; a=b'.repeat(1000)}`).parameters).toHaveLength(128);
  });
});
