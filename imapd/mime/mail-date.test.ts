import { describe, expect, it } from 'vitest';
import { parseMailDate } from './mail-date.ts';

describe('parseMailDate', () => {
  it.each([
    ['Fri, 21 Nov 1997 09:55:06 -0600', '1997-11-21', '1997-11-21T15:55:06.000Z'],
    ['Tue, 1 Jul 2003 23:52:37 -0700 (PDT)', '2003-07-01', '2003-07-02T06:52:37.000Z'],
    ['1 Jul 2003 10:52 +0200', '2003-07-01', '2003-07-01T08:52:00.000Z'],
    ['21 Nov 97 09:55:06 GMT', '1997-11-21', '1997-11-21T09:55:06.000Z'],
    ['Mon, 3 Feb 03 09:55:06 EST', '2003-02-03', '2003-02-03T14:55:06.000Z'],
    ['Fri, 21 Nov 1997 09(comment):   55  :  06 -0600', '1997-11-21', '1997-11-21T15:55:06.000Z'],
    ['Thu Feb 13 23:32:54 1997', '1997-02-13', '1997-02-13T23:32:54.000Z'],
    ['12-Dec-2001', '2001-12-12', '2001-12-12T00:00:00.000Z'],
  ])('%s', (text, day, at) => {
    const parsed = parseMailDate(text);
    expect([parsed?.day, parsed?.at.toISOString()]).toEqual([day, at]);
  });

  it.each([[''], ['yesterday'], ['31 Jun 2003 10:00:00 +0000'], ['1 Foo 2003'], ['0 Jan 2003'], ['1 Jan 20033']])(
    '%j is none',
    (text) => {
      expect(parseMailDate(text)).toBeNull();
    },
  );
});
