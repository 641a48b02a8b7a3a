import { describe, expect, it } from 'vitest';
import type { ReturnOptions, SearchReturn } from '../../protocol/searching/return-options.ts';
import type { Uid } from '../../store/types.ts';
import type { Found } from './run-search.ts';
import { searchResponse } from './search-response.ts';

const found: readonly Found[] = [
  { uid: 11 as Uid, sequence: 2, modSeq: 7 },
  { uid: 12 as Uid, sequence: 3, modSeq: 9 },
  { uid: 20 as Uid, sequence: 5, modSeq: 4 },
];
const told = (...items: SearchReturn[]): ReturnOptions => ({
  items,
  save: false,
  update: false,
  updateFetch: [],
  context: false,
  partial: null,
});
const part = (from: number, to: number, ...items: SearchReturn[]): ReturnOptions => ({
  ...told(...items),
  partial: { from: Math.abs(from), to: Math.abs(to), fromEnd: from < 0 },
});
const plain = { name: 'SEARCH' as const, tag: 'a', uid: false, returns: null, found, modSeq: false };

describe('searchResponse', () => {
  it.each([
    [plain, '* SEARCH 2 3 5'],
    [{ ...plain, uid: true }, '* SEARCH 11 12 20'],
    [{ ...plain, found: [] }, '* SEARCH'],
    [{ ...plain, modSeq: true }, '* SEARCH 2 3 5 (MODSEQ 9)'],
    [{ ...plain, modSeq: true, found: [] }, '* SEARCH'],
    [{ ...plain, name: 'SORT' as const, found: found.toReversed() }, '* SORT 5 3 2'],
    [{ ...plain, returns: told('ALL') }, '* ESEARCH (TAG "a") ALL 2:3,5'],
    [{ ...plain, uid: true, returns: told('MIN', 'MAX') }, '* ESEARCH (TAG "a") UID MIN 11 MAX 20'],
    [{ ...plain, returns: told('COUNT', 'ALL'), found: [] }, '* ESEARCH (TAG "a") COUNT 0'],
    // RFC 5267, 3.1: in the order of the SORT.
    [
      { ...plain, name: 'SORT' as const, found: found.toReversed(), returns: told('MIN', 'MAX', 'ALL', 'COUNT') },
      '* ESEARCH (TAG "a") MIN 5 MAX 2 ALL 5,3,2 COUNT 3',
    ],
    // RFC 9394, 3.1: the range as it was asked for, and what there is of it.
    [{ ...plain, uid: true, returns: part(-1, -2) }, '* ESEARCH (TAG "a") UID PARTIAL (-1:-2 12,20)'],
    [{ ...plain, returns: part(500, 2, 'COUNT') }, '* ESEARCH (TAG "a") PARTIAL (500:2 3,5) COUNT 3'],
    [{ ...plain, returns: part(4, 9) }, '* ESEARCH (TAG "a") PARTIAL (4:9 NIL)'],
    [{ ...plain, returns: part(4, 9), modSeq: true }, '* ESEARCH (TAG "a") PARTIAL (4:9 NIL)'],
    [{ ...plain, returns: part(-4, -9), found: [] }, '* ESEARCH (TAG "a") PARTIAL (-4:-9 NIL)'],
    [{ ...plain, returns: part(2, 2, 'MAX'), modSeq: true }, '* ESEARCH (TAG "a") MAX 5 PARTIAL (2:2 3) MODSEQ 9'],
    // RFC 7162, 3.1.10: the mod-sequence of what MIN and MAX name, or the highest of all.
    [{ ...plain, returns: told('MIN'), modSeq: true }, '* ESEARCH (TAG "a") MIN 2 MODSEQ 7'],
    [{ ...plain, returns: told('MIN', 'MAX'), modSeq: true }, '* ESEARCH (TAG "a") MIN 2 MAX 5 MODSEQ 7'],
    [{ ...plain, returns: told('COUNT'), modSeq: true }, '* ESEARCH (TAG "a") COUNT 3 MODSEQ 9'],
  ])('%#: %o', (answer, line) => {
    expect(searchResponse(answer)).toBe(`${line}\r\n`);
  });

  it('is none where the search is only saved (RFC 5182, 1)', () => {
    expect(searchResponse({ ...plain, returns: { ...told(), save: true } })).toBe('');
  });
});
