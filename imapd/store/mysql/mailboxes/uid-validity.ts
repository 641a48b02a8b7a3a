import type { Statement } from '../connection.ts';
import { currentEpoch, gapSince } from '../epoch-sql.ts';

/**
 * Takes `count` consecutive UIDVALIDITY values and puts the first into `@validity`, and the epoch into `@epoch`. The row is one for the
 * repository: take them last, with nothing left to wait for: the lock is held until COMMIT. After an unplanned promotion it
 * jumps like every identifier.
 */
export const takeUidValidities = (count: number): readonly Statement[] => [
  {
    name: 'uid-validity-take',
    // From left to right: the gap is that since the epoch before.
    text: `UPDATE uid_validity SET next = next + ${gapSince('uid_validity.epoch')} + ?, epoch = ${currentEpoch}`,
    values: [count],
  },
  {
    name: 'uid-validity-first',
    text: 'SELECT v.next - ?, v.epoch INTO @validity, @epoch FROM uid_validity v',
    values: [count],
  },
];
