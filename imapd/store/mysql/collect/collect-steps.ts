import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { CollectStatements } from '../../collect/collect.ts';
import { affected, batch, type Connection, firstRow, rows, type Statement } from '../connection.ts';
import { tryCollectorLock } from '../operations/lock-slots.ts';
import { join, type Sql, sql } from '../sql.ts';

/** No statement gives the rows that it changes: they are locked and read first, and then named by their keys. */
const steps: CollectStatements<Connection>['steps'] = {
  async expunged(tx, { retention, batch: most }) {
    const old = await rows<Tombstone & { content: string }>(tx, {
      name: 'collect-expunged',
      text: `SELECT mailbox, uid, content FROM tombstone WHERE has_content = 1 AND expunged_at < ${ago}
        ORDER BY expunged_at LIMIT ? FOR UPDATE`,
      values: [retention.content, most],
    });
    if (old.length === 0) return 0;
    await batch(tx, [
      { name: 'collect-references', ...sql`UPDATE tombstone SET content = NULL WHERE ${keysOf(old)}` },
      ...removeUnreferenced(old),
    ]);
    return old.length;
  },

  async removedMailboxes(tx, { retention, batch: most }) {
    const mailbox = await firstRow<{ id: string }>(tx, {
      name: 'collect-removed',
      text: `SELECT id FROM removed_mailbox WHERE removed_at < ${ago} ORDER BY removed_at LIMIT 1`,
      values: [retention.content],
    });
    if (mailbox === null) return 0;
    const id = uuidOctets(mailbox.id);
    const old = await rows<{ uid: number; content: string }>(tx, {
      name: 'collect-messages',
      text: 'SELECT uid, content FROM message WHERE mailbox = ? ORDER BY uid LIMIT ? FOR UPDATE',
      values: [id, most],
    });
    const last = old.at(-1);
    // What readers had seen of it: messages times readers.
    const marks = {
      name: 'collect-marks',
      text: 'DELETE FROM seen WHERE mailbox = ? ORDER BY uid LIMIT ?',
      values: [id, most],
    };
    if (last === undefined && (await affected(tx, marks)) > 0) return 1;
    await batch(
      tx,
      last === undefined
        ? forgetMailbox(id)
        : [
            {
              name: 'collect-messages-of',
              text: 'DELETE FROM message WHERE mailbox = ? AND uid <= ?',
              values: [id, last.uid],
            },
            ...removeUnreferenced(old),
          ],
    );
    return 1 + old.length;
  },

  async staged(tx, { retention, batch: most }) {
    const orphans = await rows<{ content: string }>(tx, {
      name: 'collect-staged',
      text: `SELECT content FROM staged WHERE started_at < ${ago} ORDER BY started_at LIMIT ? FOR UPDATE`,
      // An upload has many chunks: fewer of them at a time.
      values: [retention.staged, Math.ceil(most / 100)],
    });
    if (orphans.length === 0) return 0;
    await batch(tx, [
      { name: 'collect-uploads', text: 'DELETE FROM staged WHERE content IN (?)', values: [idsOf(orphans)] },
      ...removeUnreferenced(orphans),
    ]);
    return orphans.length;
  },

  operations: (tx, { retention, batch: most }) =>
    affected(tx, {
      name: 'collect-operations',
      text: `DELETE FROM operation WHERE at < ${ago} ORDER BY at LIMIT ?`,
      values: [retention.operations, most],
    }),

  async tombstones(tx, { retention, batch: most }) {
    const old = await rows<Tombstone & { modseq: number }>(tx, {
      name: 'collect-tombstones',
      text: `SELECT mailbox, uid, modseq FROM tombstone WHERE has_content = 0 AND expunged_at < ${ago}
        ORDER BY expunged_at LIMIT ? FOR UPDATE`,
      values: [retention.tombstones, most],
    });
    if (old.length === 0) return 0;
    await batch(tx, [
      ...raiseKnown(old),
      { name: 'collect-marks-of', ...sql`DELETE FROM seen WHERE ${keysOf(old)}` },
      { name: 'collect-tombstones-of', ...sql`DELETE FROM tombstone WHERE ${keysOf(old)}` },
    ]);
    return old.length;
  },
};

/** What MariaDB and MySQL do for `collect`. */
export const collecting: CollectStatements<Connection> = { steps, tryAlone: tryCollectorLock };

/** So many seconds. */
const ago = 'CURRENT_TIMESTAMP(6) - INTERVAL ? SECOND';

type Tombstone = { readonly mailbox: string; readonly uid: number };
type Content = { readonly content: string };

const idsOf = (contents: readonly Content[]): readonly Buffer[] =>
  [...new Set(contents.map(({ content }) => content))].map(uuidOctets);

/** By ranges of the key, a mailbox at a time. */
function keysOf(tombstones: readonly Tombstone[]): Sql {
  const each = Map.groupBy(tombstones, ({ mailbox }) => mailbox).entries();
  const keys = [...each].map(
    ([mailbox, of]) => sql`(mailbox = ${uuidOctets(mailbox)} AND uid IN (${of.map(({ uid }) => uid)}))`,
  );
  return join(keys, ' OR ');
}

/**
 * Contents of these that nobody refers to any more, their chunks and their signatures. An upload that broke off has chunks and no content row: they
 * go by the same rule.
 */
function removeUnreferenced(contents: readonly Content[]): readonly Statement[] {
  const ids = idsOf(contents);
  return [
    {
      name: 'collect-content',
      text: `DELETE FROM content WHERE id IN (?) AND NOT EXISTS (SELECT 1 FROM message m WHERE m.content = content.id)
        AND NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.content = content.id)`,
      values: [ids],
    },
    {
      name: 'collect-chunks',
      text: `DELETE FROM chunk WHERE content IN (?) AND NOT EXISTS (SELECT 1 FROM content c WHERE c.id = chunk.content)`,
      values: [ids],
    },
    {
      name: 'collect-signatures',
      text: `DELETE FROM text_signature WHERE content IN (?)
        AND NOT EXISTS (SELECT 1 FROM content c WHERE c.id = text_signature.content)`,
      values: [ids],
    },
  ];
}

/** Its tombstones go by age like all others: they still hold content. */
const forgetMailbox = (id: Buffer): readonly Statement[] => [
  { name: 'collect-forks', text: 'DELETE FROM fork WHERE mailbox = ?', values: [id] },
  { name: 'collect-annotations', text: 'DELETE FROM annotation WHERE mailbox = ?', values: [id] },
  { name: 'collect-rights', text: 'DELETE FROM acl WHERE mailbox = ?', values: [id] },
  { name: 'collect-mailbox', text: 'DELETE FROM removed_mailbox WHERE id = ?', values: [id] },
];

/** A jump that is pending stays so: nothing is numbered here, and `epoch` is left as it is. */
function raiseKnown(gone: readonly (Tombstone & { readonly modseq: number })[]): readonly Statement[] {
  const newest = [...Map.groupBy(gone, ({ mailbox }) => mailbox)].map(
    ([mailbox, of]) => [uuidOctets(mailbox), Math.max(...of.map(({ modseq }) => modseq))] as const,
  );
  const ids = newest.map(([id]) => id);
  const known = newest.map(([id, modseq]) => sql`WHEN ${id} THEN ${modseq}`);
  return [
    {
      name: 'collect-lock-mailboxes',
      // Of few mailboxes it would take the index of names, and lock in the order of that.
      text: 'SELECT id FROM mailbox FORCE INDEX (PRIMARY) WHERE id IN (?) ORDER BY id FOR UPDATE',
      values: [ids],
    },
    {
      name: 'collect-known',
      ...sql`UPDATE mailbox FORCE INDEX (PRIMARY) SET expunges_known_from = GREATEST(expunges_known_from, CASE id ${join(known, ' ')} END)
        WHERE id IN (${ids})`,
    },
  ];
}
