import type { CollectStatements } from '../../collect/collect.ts';
import { type Connection, onlyRow, rows } from '../connection.ts';

/** Any number that nobody else locks: `gc` in ASCII. Salvage takes it too: it refers to content by id. */
export const COLLECTOR_LOCK = 0x67_63;

// Ages are by statement_timestamp(): no index helps to compare with clock_timestamp(), which is another one for each row.
const steps: CollectStatements<Connection>['steps'] = {
  async expunged(tx, { retention, batch }) {
    const contents = await rows<{ content: string }>(tx, {
      name: 'collect-expunged',
      text: `UPDATE mail.tombstone t SET content = NULL FROM (
          SELECT mailbox, uid, content FROM mail.tombstone
          WHERE content IS NOT NULL AND expunged_at < statement_timestamp() - make_interval(secs => $1)
          ORDER BY expunged_at LIMIT $2 FOR UPDATE
        ) old WHERE t.mailbox = old.mailbox AND t.uid = old.uid RETURNING old.content`,
      values: [retention.content, batch],
    });
    return await removeUnreferenced(tx, contents);
  },

  async removedMailboxes(tx, { retention, batch }) {
    const [mailbox] = await rows<{ id: string }>(tx, {
      name: 'collect-removed',
      text: `SELECT id FROM mail.removed_mailbox
        WHERE removed_at < statement_timestamp() - make_interval(secs => $1) ORDER BY removed_at LIMIT 1`,
      values: [retention.content],
    });
    if (mailbox === undefined) return 0;
    const contents = await rows<{ content: string }>(tx, {
      name: 'collect-messages',
      text: `DELETE FROM mail.message m USING (
          SELECT uid FROM mail.message WHERE mailbox = $1 ORDER BY uid LIMIT $2
        ) old WHERE m.mailbox = $1 AND m.uid = old.uid RETURNING m.content`,
      values: [mailbox.id, batch],
    });
    const left = contents.length === 0 ? await removeMarks(tx, mailbox.id, batch) : contents.length;
    if (left === 0) await forgetMailbox(tx, mailbox.id);
    return 1 + (await removeUnreferenced(tx, contents));
  },

  async staged(tx, { retention, batch }) {
    const orphans = await rows<{ content: string }>(tx, {
      name: 'collect-staged',
      text: `DELETE FROM mail.staged s USING (
          SELECT content FROM mail.staged WHERE started_at < statement_timestamp() - make_interval(secs => $1)
          ORDER BY started_at LIMIT $2 FOR UPDATE
        ) old WHERE s.content = old.content RETURNING s.content`,
      // An upload has many chunks: fewer of them at a time.
      values: [retention.staged, Math.ceil(batch / 100)],
    });
    await removeUnreferenced(tx, orphans);
    // An upload that broke off has chunks and no content row.
    await removeWith(tx, orphans);
    return orphans.length;
  },

  async operations(tx, { retention, batch }) {
    const gone = await rows(tx, {
      name: 'collect-operations',
      text: `DELETE FROM mail.operation o USING (
          SELECT id FROM mail.operation WHERE at < statement_timestamp() - make_interval(secs => $1)
          ORDER BY at LIMIT $2
        ) old WHERE o.id = old.id RETURNING 1`,
      values: [retention.operations, batch],
    });
    return gone.length;
  },

  async tombstones(tx, { retention, batch }) {
    const { count } = await onlyRow<{ count: number }>(tx, {
      name: 'collect-tombstones',
      text: `WITH gone AS (
          DELETE FROM mail.tombstone t USING (
            SELECT mailbox, uid FROM mail.tombstone
            WHERE content IS NULL AND expunged_at < statement_timestamp() - make_interval(secs => $1)
            ORDER BY expunged_at LIMIT $2
          ) old WHERE t.mailbox = old.mailbox AND t.uid = old.uid RETURNING t.mailbox, t.uid, t.modseq
        ), marks AS (
          DELETE FROM mail.seen s USING gone g WHERE s.mailbox = g.mailbox AND s.uid = g.uid
        ), locked AS MATERIALIZED (
          SELECT id FROM mail.mailbox WHERE id IN (SELECT mailbox FROM gone) ORDER BY id FOR UPDATE
        ), known AS (
          UPDATE mail.mailbox m SET expunges_known_from = greatest(m.expunges_known_from, g.modseq)
          FROM (SELECT mailbox, max(modseq) AS modseq FROM gone GROUP BY mailbox) g, locked l
          WHERE m.id = g.mailbox AND m.id = l.id
        )
        SELECT count(*)::float8 AS count FROM gone`,
      values: [retention.tombstones, batch],
    });
    return count;
  },
};

/** What PostgreSQL does for `collect`. */
export const collecting: CollectStatements<Connection> = {
  steps,

  async tryAlone(tx) {
    const { free } = await onlyRow<{ free: boolean }>(tx, {
      text: 'SELECT pg_try_advisory_xact_lock($1) AS free',
      values: [COLLECTOR_LOCK],
    });
    return free;
  },
};

/** What readers had seen of a mailbox that is removed: messages times readers, so many at a time. Gives how many. */
async function removeMarks(tx: Connection, mailbox: string, most: number): Promise<number> {
  const gone = await rows(tx, {
    name: 'collect-marks',
    text: `DELETE FROM mail.seen s USING (
        SELECT uid, reader FROM mail.seen WHERE mailbox = $1 ORDER BY uid, reader LIMIT $2
      ) old WHERE s.mailbox = $1 AND s.uid = old.uid AND s.reader = old.reader RETURNING 1`,
    values: [mailbox, most],
  });
  return gone.length;
}

async function forgetMailbox(tx: Connection, id: string): Promise<void> {
  await rows(tx, {
    name: 'collect-mailbox',
    // Its tombstones go by age like all others: they still hold content.
    text: `WITH forks AS (DELETE FROM mail.fork WHERE mailbox = $1),
        annotations AS (DELETE FROM mail.annotation WHERE mailbox = $1),
        entries AS (DELETE FROM mail.acl WHERE mailbox = $1)
      DELETE FROM mail.removed_mailbox WHERE id = $1`,
    values: [id],
  });
}

/** Gives how many references were looked at. */
async function removeUnreferenced(tx: Connection, contents: readonly { readonly content: string }[]): Promise<number> {
  if (contents.length === 0) return 0;
  const gone = await rows<{ content: string }>(tx, {
    name: 'collect-content',
    text: `DELETE FROM mail.content c USING (SELECT DISTINCT unnest($1::uuid[]) AS id) u
      WHERE c.id = u.id AND NOT EXISTS (SELECT 1 FROM mail.message m WHERE m.content = c.id)
        AND NOT EXISTS (SELECT 1 FROM mail.tombstone t WHERE t.content = c.id)
      RETURNING c.id AS content`,
    values: [contents.map(({ content }) => content)],
  });
  await removeWith(tx, gone);
  return contents.length;
}

/** What goes with a content: its chunks, and its signature. */
async function removeWith(tx: Connection, contents: readonly { readonly content: string }[]): Promise<void> {
  if (contents.length === 0) return;
  await rows(tx, {
    name: 'collect-chunks',
    text: `WITH signatures AS (DELETE FROM mail.text_signature WHERE content = ANY($1::uuid[]))
      DELETE FROM mail.chunk WHERE content = ANY($1::uuid[])`,
    values: [contents.map(({ content }) => content)],
  });
}
