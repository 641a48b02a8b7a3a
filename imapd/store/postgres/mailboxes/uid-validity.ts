import { type Connection, onlyRow } from '../connection.ts';
import { currentEpoch, gapSince } from '../epoch-sql.ts';

/**
 * Takes `count` consecutive UIDVALIDITY values and gives the first. The row is one for the repository: take them last, with
 * nothing left to wait for: the lock is held until COMMIT. After an unplanned promotion it jumps like every identifier.
 */
export async function takeUidValidities(tx: Connection, count: number): Promise<number> {
  const { first } = await onlyRow<{ first: number }>(tx, {
    name: 'uid-validity-take',
    text: `UPDATE mail.uid_validity v SET next = v.next + ${gapSince('v.epoch')} + $1, epoch = ${currentEpoch}
      RETURNING (v.next - $1)::float8 AS first`,
    values: [count],
  });
  return first;
}
