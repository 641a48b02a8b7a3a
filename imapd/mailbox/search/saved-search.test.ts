import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Uid } from '../../store/types.ts';
import type { Found } from './run-search.ts';
import { savedUids } from './saved-search.ts';

/** A mailbox as its UIDs, and which of them are found. */
const searched = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 20 }).chain((uids) =>
  fc.record({
    uids: fc.constant(uids.sort((a, b) => a - b)),
    picked: fc.array(fc.boolean(), { minLength: uids.length, maxLength: uids.length }),
  }),
);

const foundOf = (uids: readonly number[], picked: readonly boolean[]): Found[] =>
  uids.map((uid, i) => ({ uid: uid as Uid, sequence: i + 1, modSeq: 1 })).filter((_, i) => picked[i]);

describe('savedUids', () => {
  it('holds of the messages of the mailbox those that were found, in whatever order', () => {
    fc.assert(
      fc.property(searched, ({ uids, picked }) => {
        const found = foundOf(uids, picked);
        const saved = savedUids(found.toReversed());
        expect(uids.filter((uid) => saved?.has(uid))).toEqual(found.map(({ uid }) => uid));
      }),
    );
  });

  it('takes one range for neighbours, however far their UIDs are apart', () => {
    expect(savedUids(foundOf([3, 500, 70_000, 70_001], [true, true, false, true]))?.bounds).toEqual([
      3, 500, 70_001, 70_001,
    ]);
  });

  it('refuses more ranges than may be kept', () => {
    const uids = [1, 2, 3, 4, 5];
    expect(savedUids(foundOf(uids, [true, false, true, false, true]), 2)).toBeNull();
    expect(savedUids(foundOf(uids, [true, true, false, true, true]), 2)).not.toBeNull();
  });
});
