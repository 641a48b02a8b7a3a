import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { ALL_FLAGS, type CopyLocked, copy as copyBy } from '../../messages/copy.ts';
import type { StoredCopy } from '../../messages/stored-copy.ts';
import { uidRanges, writeUids } from '../../messages/uid-ranges.ts';
import { rollBackWith } from '../../operations/outcome.ts';
import type { QuotaLimits } from '../../quota.ts';
import { limitValue } from '../../quota-values.ts';
import type { CopyMessages, CopyOutcome } from '../../store.ts';
import type { MailboxId, ModSeq, Uid, UidValidity } from '../../types.ts';
import { type Connection, onlyRow } from '../connection.ts';
import { gapSince } from '../epoch-sql.ts';
import { lockPair } from '../mailboxes/lock-mailbox.ts';
import { lockUsage } from '../operations/lock-owner.ts';
import { excess, isExcess } from '../quota-sql.ts';
import { readNumbers } from '../view/packed-rows.ts';
import { addTotal, firstAdded, totalOf } from './counter-sql.ts';
import { removeMessages } from './expunge.ts';
import { saveKeywords } from './save-keywords.ts';
import { inRanges } from './uid-sql.ts';

export const copy = (
  access: RepositoryAccess<Connection>,
  request: CopyMessages & { readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<CopyOutcome> => copyBy({ access, ...copying }, request, attempt);

/** Copies between two mailboxes whose rows are locked. @throws an outcome for `withOutcome` where there is no room */
export async function copyLocked(tx: Connection, request: CopyLocked): Promise<StoredCopy> {
  const { operation, from, to, uids, move, mapping, limits, keep } = request;
  const ranges = uidRanges(uids);
  const room = [limitValue(limits?.STORAGE ?? null), limitValue(limits?.MESSAGE ?? null)];
  const copying = onlyRow<Copied>(tx, {
    name: 'messages-copy',
    text: copyText,
    values: [
      from,
      ranges.from,
      ranges.to,
      to.id,
      operation,
      mapping?.from ?? null,
      mapping?.to ?? null,
      ...room,
      keep?.system ?? ALL_FLAGS,
    ],
  });
  // The row locks are held, so the set that is removed is the set that was copied.
  const removing = move ? removeMessages(tx, { mailbox: from, uids, onlyDeleted: false }) : null;
  const [row, removed] = await Promise.all([copying, removing]);
  if (row.excess && limits !== null) rollBackWith({ kind: 'overQuota' });
  return {
    kind: 'copied',
    mailbox: to.id as MailboxId,
    uidValidity: row.uid_validity,
    source: writeUids([...readNumbers(row.source, new Uint32Array(row.count))] as Uid[]),
    firstTarget: row.first_target,
    modSeq: removed?.modSeq ?? row.source_modseq,
  };
}

type Copied = {
  readonly count: number;
  readonly source: string | null;
  readonly first_target: number;
  readonly uid_validity: UidValidity;
  readonly source_modseq: ModSeq;
  readonly excess: boolean;
};

const copyText = `
  WITH picked AS (
    SELECT m.uid, m.content, m.keywords, m.size, m.internal_date, m.flags & $10::smallint AS flags,
      row_number() OVER (ORDER BY m.uid) AS n
    FROM mail.message m WHERE m.mailbox = $1 AND ${inRanges('m.uid', '$2', '$3')}
  ), total AS (${totalOf('picked')}
  ), target AS (
    ${addTotal} WHERE b.id = $4 AND t.n > 0
    RETURNING b.owner, ${firstAdded} AS first, b.modseq
  ), put AS (
    INSERT INTO mail.message (mailbox, content, operation, uid, modseq, keywords, size, internal_date, flags)
    SELECT $4, p.content, $5, t.first + p.n - 1, t.modseq,
      CASE WHEN $6::int[] IS NULL OR p.keywords = 0 THEN p.keywords ELSE (
        SELECT coalesce(bit_or(1::bigint << k.new), 0)
        FROM unnest($6::int[], $7::int[]) AS k(old, new) WHERE p.keywords >> k.old & 1 = 1) END,
      p.size, p.internal_date, p.flags
    FROM picked p, target t
  ), ${excess('$8', '$9')}
  SELECT (SELECT n FROM total)::float8 AS count, (SELECT array_agg(uid ORDER BY uid)::text FROM picked) AS source,
    coalesce((SELECT first FROM target), 0)::float8 AS first_target, ${isExcess} AS excess,
    (SELECT uid_validity FROM mail.mailbox WHERE id = $4)::float8 AS uid_validity,
    coalesce((SELECT b.modseq + ${gapSince('b.epoch')} FROM mail.mailbox b WHERE b.id = $1), 0)::float8 AS source_modseq`;

async function usedKeywords(tx: Connection, mailbox: string, uids: readonly Uid[]): Promise<bigint> {
  const ranges = uidRanges(uids);
  const { used } = await onlyRow<{ used: string }>(tx, {
    name: 'keywords-used',
    text: `SELECT coalesce(bit_or(m.keywords), 0)::text AS used
      FROM mail.message m WHERE m.mailbox = $1 AND ${inRanges('m.uid', '$2', '$3')}`,
    values: [mailbox, ranges.from, ranges.to],
  });
  return BigInt(used);
}

/** What this engine does for `copy`. */
export const copying = { lockPair, lockUsage, usedKeywords, saveKeywords, copyLocked };
