import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import { batch, type Connection } from '../connection.ts';
import { currentEpoch, gapSince } from '../epoch-sql.ts';

/**
 * Makes the jumps of unplanned promotions real in mailboxes that the caller has locked, and records the forks: what PostgreSQL's trigger
 * `enter_epoch` does with the first write at an epoch.
 */
export async function enterEpoch(tx: Connection, mailboxes: readonly string[]): Promise<void> {
  const ids = mailboxes.map(uuidOctets);
  await batch(tx, [
    {
      name: 'epoch-forks',
      text: `INSERT INTO fork (mailbox, epoch, uid_next, modseq, gap)
        SELECT m.id, e.epoch, m.uid_next + ${shift}, m.modseq + ${shift}, e.uid_gap
        FROM mailbox m JOIN repository_epoch e ON e.epoch > m.epoch AND e.uid_gap > 0 WHERE m.id IN (?)`,
      values: [ids],
    },
    {
      name: 'epoch-enter',
      // From left to right: the gap is that since the epoch before.
      text: `UPDATE mailbox SET uid_next = uid_next + ${gap}, modseq = modseq + ${gap}, epoch = ${currentEpoch} WHERE id IN (?)`,
      values: [ids],
    },
  ]);
}

const gap = gapSince('mailbox.epoch');

/** What jumps between the row's last write and `e` have moved already. */
const shift = `(SELECT COALESCE(SUM(b.uid_gap), 0) FROM repository_epoch b WHERE b.epoch > m.epoch AND b.epoch < e.epoch)`;
