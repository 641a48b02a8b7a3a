import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { type Rename, type RenameTools, renameMailbox as renameBy } from '../../mailboxes/rename-mailbox.ts';
import { rollBackWith } from '../../operations/outcome.ts';
import type { RenameOutcome } from '../../store.ts';
import type { MailboxId, Uid } from '../../types.ts';
import { copyAnnotations } from '../annotations.ts';
import { type Connection, firstRow, onlyRow, rows } from '../connection.ts';
import { copyLocked } from '../messages/copy.ts';
import { saveKeywords } from '../messages/save-keywords.ts';
import { lockOwner } from '../operations/lock-owner.ts';
import { readNumbers } from '../view/packed-rows.ts';
import { insertMailboxes, isTooMany } from './create-mailbox.ts';
import { lockPair } from './lock-mailbox.ts';

const UNIQUE_VIOLATION = '23505';

const statements: Omit<RenameTools<Connection>, 'access'> = {
  isTooMany,
  insertMailboxes,
  lockPair,
  saveKeywords,
  copyAnnotations,
  copyLocked,

  async findTree(tx, { owner, name, to }) {
    const tree = { text: treeText, values: [owner, name] };
    const [, found, taken] = await Promise.all([
      lockOwner(tx, owner),
      rows<{ id: MailboxId; name: string }>(tx, { name: 'mailbox-lock-tree', ...tree }),
      isTaken(tx, owner, to),
    ]);
    return { tree: found, taken };
  },

  async moveTree(tx, _, { owner, name, to }) {
    try {
      await rows(tx, {
        name: 'mailbox-rename-tree',
        text: `UPDATE mail.mailbox SET name = $3 || substr(name, length($2) + 1)
          WHERE owner = $1 AND (name = $2 OR starts_with(name, $2 || '/'))`,
        values: [owner, name, to],
      });
    } catch (cause) {
      if ((cause as { code?: string }).code === UNIQUE_VIOLATION) rollBackWith({ kind: 'exists' });
      throw cause;
    }
  },

  async findInbox(tx, { owner, name, to }) {
    const [, taken, inbox] = await Promise.all([
      lockOwner(tx, owner),
      isTaken(tx, owner, to),
      firstRow<{ id: MailboxId }>(tx, {
        name: 'inbox-lock',
        text: 'SELECT id FROM mail.mailbox WHERE owner = $1 AND name = $2 FOR UPDATE',
        values: [owner, name],
      }),
    ]);
    return { inbox: inbox?.id ?? null, taken };
  },

  async allUids(tx, mailbox) {
    const all = await onlyRow<{ count: number; uids: string | null }>(tx, {
      name: 'message-uids',
      text: `SELECT count(*)::float8 AS count, array_agg(uid)::text AS uids
        FROM (SELECT uid FROM mail.message WHERE mailbox = $1 ORDER BY uid) ordered`,
      values: [mailbox],
    });
    return [...readNumbers(all.uids, new Uint32Array(all.count))] as Uid[];
  },
};

export const renameMailbox = (
  access: RepositoryAccess<Connection>,
  request: Rename,
  attempt: Attempt,
): Promise<RenameOutcome> => renameBy({ access, ...statements }, request, attempt);

const treeText = `SELECT id, name FROM mail.mailbox WHERE owner = $1 AND (name = $2 OR starts_with(name, $2 || '/'))
  ORDER BY id FOR UPDATE`;

const isTaken = async (tx: Connection, owner: string, name: string): Promise<boolean> =>
  (await firstRow(tx, {
    name: 'mailbox-taken',
    text: 'SELECT 1 FROM mail.mailbox WHERE owner = $1 AND name = $2',
    values: [owner, name],
  })) !== null;
