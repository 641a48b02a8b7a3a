import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { expunge as expungeBy, type Remove, type Removed } from '../../messages/expunge.ts';
import type { StoredExpunge } from '../../messages/stored-expunge.ts';
import { uidRanges } from '../../messages/uid-ranges.ts';
import type { Expunge, ExpungeOutcome } from '../../store.ts';
import type { ModSeq, Uid } from '../../types.ts';
import { type Connection, onlyRow } from '../connection.ts';
import { currentEpoch, gapSince } from '../epoch-sql.ts';
import { lockMailbox } from '../mailboxes/lock-mailbox.ts';
import { enterMailbox, mustBe, recorded } from '../operations/at-once.ts';
import { sendAtOnce } from '../send-at-once.ts';
import { readNumbers } from '../view/packed-rows.ts';
import { totalOf } from './counter-sql.ts';
import { inRanges, uidRuns } from './uid-sql.ts';

/** One statement locks, one writes. */
export const expunge = (
  access: RepositoryAccess<Connection>,
  request: Expunge,
  attempt: Attempt,
): Promise<ExpungeOutcome> => expungeBy({ access, remove, removeAtOnce }, request, attempt);

async function remove(tx: Connection, request: Expunge): Promise<Removed | null> {
  const [[mailbox], removed] = await Promise.all([lockMailbox(tx, request.mailbox), removeMessages(tx, request)]);
  return mailbox === undefined ? null : removed;
}

async function removeAtOnce(c: Connection, request: Expunge, epoch: number): Promise<StoredExpunge> {
  const statement = {
    name: 'messages-remove-recorded',
    text: atOnceText,
    values: [...removeValues(request), request.operation, epoch],
  };
  const answers = await sendAtOnce(c, [enterMailbox(request.mailbox), statement]);
  const [row] = answers.flat().slice(-1);
  const { uids, modseq } = row as { readonly uids: string; readonly modseq: ModSeq | null };
  return modseq === null ? { kind: 'gone' } : { kind: 'expunged', uids, modSeq: modseq };
}

/** The caller has locked the mailbox row, or sent the statement that does right before. */
export async function removeMessages(tx: Connection, request: Remove): Promise<Removed> {
  const row = await onlyRow<{ count: number; uids: string | null; modseq: ModSeq }>(tx, {
    name: 'messages-remove',
    text: removeText,
    values: removeValues(request),
  });
  return { uids: [...readNumbers(row.uids, new Uint32Array(row.count))] as Uid[], modSeq: row.modseq };
}

/** $1 to $4. */
function removeValues({ mailbox, uids, onlyDeleted }: Remove): unknown[] {
  const { from, to } = uidRanges(uids);
  return [mailbox, from, to, onlyDeleted];
}

// A deleted mailbox keeps its messages as they are, for the collector: it finds their content by them.
const removed = `
  gone AS (
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
  )`;

/** null: there is no mailbox. */
const modSeq = `coalesce((SELECT modseq FROM mailbox),
      (SELECT b.modseq + ${gapSince('b.epoch')} FROM mail.mailbox b WHERE b.id = $1))`;

const removeText = `
  WITH ${removed}
  SELECT count(*)::float8 AS count, array_agg(uid ORDER BY uid)::text AS uids, ${modSeq}::float8 AS modseq FROM gone`;

const atOnceText = `
  WITH ${removed}, outcome AS (SELECT ${uidRuns('SELECT uid FROM gone')} AS uids, ${modSeq} AS modseq
  ), ${recorded(
    '$5',
    `SELECT CASE WHEN modseq IS NULL THEN '{"kind":"gone"}'::json
      ELSE json_build_object('kind', 'expunged', 'uids', uids, 'modSeq', modseq) END FROM outcome`,
  )}
  SELECT uids, modseq::float8 AS modseq, ${mustBe('$6')} FROM outcome`;
