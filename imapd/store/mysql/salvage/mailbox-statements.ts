import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { KnownMailbox, MailboxStatements, SourceMailbox } from '../../salvage/salvage-statements.ts';
import type { MailboxId } from '../../types.ts';
import { batch, type Connection, firstRow, rows, type Statement } from '../connection.ts';
import { insertUnshared } from '../mailboxes/create-mailbox.ts';
import { lockMailbox } from '../mailboxes/lock-mailbox.ts';
import { saveKeywords } from '../messages/save-keywords.ts';
import { lockOwner } from '../operations/lock-slots.ts';
import { wordsOf } from '../words.ts';

export const mailboxStatements: MailboxStatements<Connection> = {
  lockOwner,
  insertUnshared,
  lockMailbox,
  saveKeywords,

  async page(source, { after, most }) {
    const found = await rows<Columns>(source, {
      name: 'salvage-mailboxes',
      text: `SELECT id, owner, name, modseq, keywords, special_use AS specialUse, created_at AS createdAt
        FROM mailbox WHERE id > ? ORDER BY id LIMIT ?`,
      values: [uuidOctets(after), most],
    });
    return found.map(({ keywords, specialUse, ...row }) => ({
      ...row,
      keywords: wordsOf(keywords),
      specialUse: wordsOf(specialUse),
    }));
  },

  async known(c, ids, forkEpoch) {
    const octets = ids.map(uuidOctets);
    const [there, removed] = (await batch(
      c,
      ['mailbox', 'removed_mailbox'].map((table) => selectForks(table, octets, forkEpoch)),
    )) as [Fork[], Fork[]];
    const each = ({ id, ...fork }: Fork, exists: boolean): [string, KnownMailbox] => [id, { ...fork, exists }];
    return new Map([...there.map((row) => each(row, true)), ...removed.map((row) => each(row, false))]);
  },

  async named(tx, owner, name) {
    const row = await firstRow<{ id: MailboxId }>(tx, {
      name: 'mailbox-id',
      text: 'SELECT id FROM mailbox WHERE owner = ? AND name = ?',
      values: [owner, name],
    });
    return row?.id ?? null;
  },
};

type Columns = Omit<SourceMailbox, 'here' | 'keywords' | 'specialUse'> & {
  readonly keywords: Buffer;
  readonly specialUse: string;
};
type Fork = Omit<KnownMailbox, 'exists'> & { readonly id: string };

const selectForks = (table: string, ids: readonly Buffer[], epoch: number): Statement => ({
  name: 'salvage-forks',
  text: `SELECT b.id, COALESCE(f.uid_next, b.uid_next) AS forkUidNext, COALESCE(f.modseq, b.modseq) AS forkModSeq
    FROM ${table} b LEFT JOIN fork f ON f.mailbox = b.id AND f.epoch = ? WHERE b.id IN (?)`,
  values: [epoch, ids],
});
