import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { LockedMailbox } from '../../mailboxes/locked-mailbox.ts';
import { batch, type Connection, rows } from '../connection.ts';
import { gapSince } from '../epoch-sql.ts';
import { wordsOf } from '../words.ts';
import { enterEpoch } from './enter-epoch.ts';

type Locked = Omit<LockedMailbox, 'keywords'> & {
  readonly keywords: Buffer;
  /** The jump that is not yet real. */
  readonly gap: number;
};

const columns = `m.id, m.owner, m.name, m.keywords, ${gapSince('m.epoch')} AS gap`;

/**
 * Every writer locks the row of each mailbox it touches before it looks at the messages, ascending by id: the next
 * statement's snapshot then holds everything that was committed to the mailbox, and two writers never wait for each other
 * in a circle.
 *
 * The jumps of unplanned promotions since the row's last write are made real here, so that whoever has locked a mailbox may write
 * its numbers as they are.
 */
export async function lockMailbox(tx: Connection, id: string): Promise<LockedMailbox[]> {
  const locked = await rows<Locked>(tx, {
    name: 'mailbox-lock',
    text: `SELECT ${columns} FROM mailbox m WHERE m.id = ? FOR UPDATE`,
    values: [uuidOctets(id)],
    prepared: true,
  });
  return await entered(tx, locked);
}

/** The one that a client calls `name`. */
export const lockNamed = (tx: Connection, owner: string, name: string): Promise<LockedMailbox[]> =>
  lockPair(tx, { from: null, owner, to: name });

/** The mailbox `from` and the one that a client calls `to`, which may be the same; either may be missing. */
export async function lockPair(
  tx: Connection,
  { from, owner, to }: { readonly from: string | null; readonly owner: string; readonly to: string },
): Promise<LockedMailbox[]> {
  const [, locked = []] = await batch(tx, [
    {
      name: 'mailbox-named',
      // An aggregate, which gives a row, and so sets the variable, where there is no such mailbox too.
      text: 'SELECT MAX(m.id) INTO @named FROM mailbox m WHERE m.owner = ? AND m.name = ?',
      values: [owner, to],
    },
    {
      name: 'mailbox-lock-pair',
      // Rows are locked as they are met, whatever comes of them: by the key they are met in its order, and no others are.
      text: `SELECT ${columns} FROM mailbox m FORCE INDEX (PRIMARY) WHERE m.id IN (?, @named) ORDER BY m.id FOR UPDATE`,
      values: [from === null ? null : uuidOctets(from)],
    },
  ]);
  // The name may have gone to another mailbox before the lock.
  const wanted = (locked as Locked[]).filter((row) => row.id === from || (row.owner === owner && row.name === to));
  return await entered(tx, wanted);
}

async function entered(tx: Connection, locked: readonly Locked[]): Promise<LockedMailbox[]> {
  const behind = locked.filter(({ gap }) => gap > 0);
  if (behind.length > 0) {
    await enterEpoch(
      tx,
      behind.map(({ id }) => id),
    );
  }
  return locked.map(({ gap: _, keywords, ...row }) => ({ ...row, keywords: wordsOf(keywords) }));
}
