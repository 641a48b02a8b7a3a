import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { Expunge, ExpungeOutcome } from '../../store.ts';
import type { ModSeq, Uid } from '../../types.ts';
import { type Connection, onlyRow } from '../connection.ts';
import { currentEpoch, gapSince } from '../epoch-sql.ts';
import { lockMailbox } from '../mailboxes/lock-mailbox.ts';
import { readNumbers } from '../view/packed-rows.ts';
import { inRanges, readUids, uidRanges, writeUids } from '../view/uid-ranges.ts';
import { totalOf } from './counter-sql.ts';

type Stored = { readonly kind: 'expunged'; readonly uids: string; readonly modSeq: ModSeq } | { readonly kind: 'gone' };

/** Removes messages and leaves tombstones; content stays for the collector. One statement locks, one writes. */
export async function expunge(
  access: RepositoryAccess<Connection>,
  request: Expunge,
  attempt: Attempt,
): Promise<ExpungeOutcome> {
  const stored = await access.mutate<Stored>(
    request.operation,
    async (tx) => {
      const [[mailbox], removed] = await Promise.all([lockMailbox(tx, request.mailbox), removeMessages(tx, request)]);
      if (mailbox === undefined) return { kind: 'gone' };
      return { kind: 'expunged', uids: writeUids(removed.uids), modSeq: removed.modSeq };
    },
    attempt,
  );
  return stored.kind === 'gone' ? stored : { ...stored, uids: readUids(stored.uids) };
}

export type Removed = { readonly uids: readonly Uid[]; readonly modSeq: ModSeq };

/** The caller has locked the mailbox row, or sent the statement that does right before. */
export async function removeMessages(tx: Connection, request: Omit<Expunge, 'operation'>): Promise<Removed> {
  const { from, to } = uidRanges(request.uids);
  const row = await onlyRow<{ count: number; uids: string | null; modseq: ModSeq }>(tx, {
    name: 'messages-remove',
    text: removeText,
    values: [request.mailbox, from, to, request.onlyDeleted],
  });
  return { uids: [...readNumbers(row.uids, new Uint32Array(row.count))] as Uid[], modSeq: row.modseq };
}

// A deleted mailbox keeps its messages as they are, for the collector: it finds their content by them.
const removeText = `
  WITH gone AS (
    DELETE FROM mail.message m
    WHERE m.mailbox = $1 AND ${inRanges('m.uid', '$2', '$3')} AND (NOT $4::boolean OR m.flags & 8 <> 0)
      AND EXISTS (SELECT 1 FROM mail.mailbox b WHERE b.id = $1)
    RETURNING m.*
  ), mailbox AS (
    UPDATE mail.mailbox b SET modseq = b.modseq + 1, epoch = ${currentEpoch}, messages = b.messages - d.n,
      unseen = b.unseen - d.unseen, deleted = b.deleted - d.deleted, size = b.size - d.size
    FROM (${totalOf('gone')}) d
    WHERE b.id = $1 AND d.n > 0 RETURNING b.modseq
  ), kept AS (
    INSERT INTO mail.tombstone (mailbox, content, operation, uid, modseq, size, internal_date, saved_at)
    SELECT g.mailbox, g.content, g.operation, g.uid, b.modseq, g.size, g.internal_date, g.saved_at FROM gone g, mailbox b
  )
  SELECT count(*)::float8 AS count, array_agg(uid ORDER BY uid)::text AS uids,
    coalesce((SELECT modseq FROM mailbox),
      (SELECT b.modseq + ${gapSince('b.epoch')} FROM mail.mailbox b WHERE b.id = $1))::float8 AS modseq
  FROM gone`;
