import type { KnownMailbox, MailboxStatements, SourceMailbox } from '../../salvage/salvage-statements.ts';
import type { MailboxId } from '../../types.ts';
import { type Connection, firstRow, rows } from '../connection.ts';
import { insertUnshared } from '../mailboxes/create-mailbox.ts';
import { lockMailbox } from '../mailboxes/lock-mailbox.ts';
import { saveKeywords } from '../messages/save-keywords.ts';
import { lockOwner } from '../operations/lock-owner.ts';

export const mailboxStatements: MailboxStatements<Connection> = {
  lockOwner,
  insertUnshared,
  lockMailbox,
  saveKeywords,

  page: (source, { after, most }) =>
    rows<Omit<SourceMailbox, 'here'>>(source, {
      text: `SELECT id, owner, name, modseq::float8, keywords, special_use AS "specialUse", created_at AS "createdAt"
        FROM mail.mailbox WHERE id > $1 ORDER BY id LIMIT $2`,
      values: [after, most],
    }),

  async known(c, ids, forkEpoch) {
    const found = await rows<KnownMailbox & { id: string }>(c, {
      name: 'salvage-forks',
      text: `SELECT b.id, b.exists, coalesce(f.uid_next, b.uid_next)::float8 AS "forkUidNext",
          coalesce(f.modseq, b.modseq)::float8 AS "forkModSeq"
        FROM (
          SELECT id, true AS exists, uid_next, modseq FROM mail.mailbox WHERE id = ANY($1::uuid[])
          UNION ALL SELECT id, false, uid_next, modseq FROM mail.removed_mailbox WHERE id = ANY($1::uuid[])
        ) b LEFT JOIN mail.fork f ON f.mailbox = b.id AND f.epoch = $2`,
      values: [ids, forkEpoch],
    });
    return new Map(found.map(({ id, ...mailbox }) => [id, mailbox]));
  },

  async named(tx, owner, name) {
    const row = await firstRow<{ id: MailboxId }>(tx, {
      name: 'mailbox-id',
      text: 'SELECT id FROM mail.mailbox WHERE owner = $1 AND name = $2',
      values: [owner, name],
    });
    return row?.id ?? null;
  },
};
