import { ServerError } from '#database/mysql/connection/server-error.ts';
import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import { errorCodes } from '#database/mysql/error-codes.ts';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { type Rename, type RenameTools, renameMailbox as renameBy } from '../../mailboxes/rename-mailbox.ts';
import { rollBackWith } from '../../operations/outcome.ts';
import type { RenameOutcome } from '../../store.ts';
import type { MailboxId, Uid } from '../../types.ts';
import { copyAnnotations } from '../annotations.ts';
import { batch, type Connection, eachRow, type Statement } from '../connection.ts';
import { copyLocked } from '../messages/copy.ts';
import { saveKeywords } from '../messages/save-keywords.ts';
import { ownerLock } from '../operations/lock-slots.ts';
import { raw, sql } from '../sql.ts';
import { belowName } from './below-name.ts';
import { insertMailboxes, isTooMany } from './create-mailbox.ts';
import { lockPair } from './lock-mailbox.ts';

type Found = { readonly id: MailboxId; readonly name: string };

const statements: Omit<RenameTools<Connection>, 'access'> = {
  isTooMany,
  insertMailboxes,
  lockPair,
  saveKeywords,
  copyAnnotations,
  copyLocked,

  async findTree(tx, { owner, name, to }) {
    const [, tree, taken = []] = await batch(tx, [ownerLock(owner), selectTree(owner, name), selectTaken(owner, to)]);
    return { tree: tree as Found[], taken: taken.length > 0 };
  },

  async moveTree(tx, tree, names) {
    const cut = { to: names.to, from: Buffer.byteLength(names.name) + 1 };
    try {
      for (let at = 0; at < tree.length; at += PIECE) await batch(tx, move(tree.slice(at, at + PIECE), cut));
    } catch (cause) {
      const isTaken = cause instanceof ServerError && cause.errno === errorCodes.duplicateKey;
      if (isTaken) rollBackWith({ kind: 'exists' });
      throw cause;
    }
  },

  async findInbox(tx, { owner, name, to }) {
    const lock = {
      name: 'inbox-lock',
      text: 'SELECT id FROM mailbox WHERE owner = ? AND name = ? FOR UPDATE',
      values: [owner, name],
    };
    const [, taken = [], inbox] = await batch(tx, [ownerLock(owner), selectTaken(owner, to), lock]);
    return { inbox: (inbox as Found[])[0]?.id ?? null, taken: taken.length > 0 };
  },

  async allUids(tx, mailbox) {
    const text = 'SELECT uid FROM message WHERE mailbox = ? ORDER BY uid';
    const uids: Uid[] = [];
    await eachRow<{ uid: Uid }>(tx, { name: 'message-uids', text, values: [uuidOctets(mailbox)] }, ({ uid }) => {
      uids.push(uid);
    });
    return uids;
  },
};

export const renameMailbox = (
  access: RepositoryAccess<Connection>,
  request: Rename,
  attempt: Attempt,
): Promise<RenameOutcome> => renameBy({ access, ...statements }, request, attempt);

const selectTree = (owner: string, name: string): Statement => ({
  name: 'mailbox-tree',
  ...sql`SELECT id, name FROM mailbox WHERE owner = ${owner} AND (name = ${name} OR ${belowName(raw('name'), name)})
    ORDER BY id`,
});

const selectTaken = (owner: string, name: string): Statement => ({
  name: 'mailbox-taken',
  text: 'SELECT id FROM mailbox WHERE owner = ? AND name = ?',
  values: [owner, name],
});

/** Rows of one sending. */
const PIECE = 5_000;

/** @param from place of the octet with which what is kept of a name begins */
function move(
  mailboxes: readonly MailboxId[],
  { to, from }: { readonly to: string; readonly from: number },
): Statement[] {
  const ids = mailboxes.map(uuidOctets);
  return [
    {
      name: 'mailbox-lock-tree',
      // By the key and in its order, like everywhere: UPDATE alone would take them in any.
      text: 'SELECT id FROM mailbox FORCE INDEX (PRIMARY) WHERE id IN (?) ORDER BY id FOR UPDATE',
      values: [ids],
    },
    {
      name: 'mailbox-rename-tree',
      text: 'UPDATE mailbox SET name = CONCAT(?, SUBSTRING(name, ?)) WHERE id IN (?)',
      values: [to, from, ids],
    },
  ];
}
