import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { ALL_FLAGS, type CopyLocked, copy as copyBy } from '../../messages/copy.ts';
import type { KeywordMapping } from '../../messages/keyword-mapping.ts';
import type { StoredCopy } from '../../messages/stored-copy.ts';
import { uidRanges, writeUids } from '../../messages/uid-ranges.ts';
import { rollBackWith } from '../../operations/outcome.ts';
import type { QuotaLimits } from '../../quota.ts';
import type { CopyMessages, CopyOutcome } from '../../store.ts';
import type { MailboxId, ModSeq, Uid, UidValidity } from '../../types.ts';
import type { Connection, Statement } from '../connection.ts';
import { lockPair } from '../mailboxes/lock-mailbox.ts';
import { unset } from '../operations/batch.ts';
import { sendInPackets } from '../operations/packets.ts';
import { addUsage, lockUsage } from '../operations/usage.ts';
import { findExcess, isExcess } from '../quota-sql.ts';
import { join, raw, type Sql, sql } from '../sql.ts';
import { addTotal, countTotal, total } from './counter-sql.ts';
import { removal, removeMessages } from './expunge.ts';
import { saveKeywords } from './save-keywords.ts';
import { inRanges, rangesByStatement } from './uid-sql.ts';

export const copy = (
  access: RepositoryAccess<Connection>,
  request: CopyMessages & { readonly limits: QuotaLimits },
  attempt: Attempt,
): Promise<CopyOutcome> => copyBy({ access, ...copying }, request, attempt);

/** Copies between two mailboxes whose rows are locked. @throws an outcome for `withOutcome` where there is no room */
export async function copyLocked(tx: Connection, request: CopyLocked): Promise<StoredCopy> {
  const { from, to, move, limits } = request;
  const picked = pickedOf(request);
  const source: Uid[] = [];
  const copying = [
    ...copyStatements(request, picked),
    ...picked.map((some) => sourceStatement(some, source)),
    answerStatement(from),
  ];
  // The row locks are held, so the set that is removed is the set that was copied. Not within one mailbox, where the copies are too.
  const moving = move && from !== to.id ? removal({ mailbox: from, uids: request.uids, onlyDeleted: false }) : null;
  const answers = await sendInPackets(tx, [...copying, ...(moving?.statements ?? [])]);
  const [row] = answers[copying.length - 1] as [Copied];
  if (limits !== null && row.excess === 1 && row.count > 0) rollBackWith({ kind: 'overQuota' });
  const within = move && moving === null;
  const removed = within
    ? await removeMessages(tx, { mailbox: from, uids: source, onlyDeleted: false })
    : moving?.removed(answers);
  return {
    kind: 'copied',
    mailbox: to.id as MailboxId,
    uidValidity: row.validity,
    source: writeUids(source),
    firstTarget: row.count === 0 ? 0 : row.first,
    modSeq: removed?.modSeq ?? row.modseq,
  };
}

type Copied = {
  readonly count: number;
  readonly first: number;
  readonly validity: UidValidity;
  /** Of the source. */
  readonly modseq: ModSeq;
  readonly excess: number | null;
};

/** What follows FROM: the messages that are copied, of each statement. None of them is a copy. */
function pickedOf({ from, uids }: CopyLocked): readonly Sql[] {
  const mailbox = uuidOctets(from);
  return rangesByStatement(uidRanges(uids)).map(
    (ranges) => sql`message m FORCE INDEX (PRIMARY)
      WHERE m.mailbox = ${mailbox} AND ${inRanges('m.uid', ranges)} AND (m.mailbox <> @to OR m.uid < @first)`,
  );
}

function copyStatements(request: CopyLocked, picked: readonly Sql[]): Statement[] {
  const { to, limits } = request;
  const box = raw('@to');
  const copies = sql`message WHERE mailbox = ${box} AND uid >= @first`;
  const owner = sql`${to.owner}`;
  const added = { storage: total.size, messages: total.n };
  return [
    {
      name: 'copy-target',
      ...sql`SELECT id, uid_next, uid_next - 1, modseq + 1, uid_validity INTO @to, @first, @last, @modseq, @validity
        FROM mailbox WHERE id = ${uuidOctets(to.id)}`,
    },
    ...picked.flatMap((from, i): Statement[] => [
      ...(i === 0
        ? []
        : [{ name: 'copy-last', ...sql`SELECT COALESCE(MAX(uid), @first - 1) INTO @last FROM ${copies}` }]),
      { name: 'messages-copy', ...insertCopies(request, from) },
    ]),
    countTotal(copies),
    addTotal(box, total),
    ...(limits === null ? [unset('@excess')] : findExcess({ owner, ...added, limits })),
    addUsage(owner, added),
  ];
}

const insertCopies = ({ operation, mapping, keep }: CopyLocked, picked: Sql): Sql => sql`
  INSERT INTO message (mailbox, uid, modseq, keywords, size, internal_date, flags, content, operation)
  SELECT @to, @last + ROW_NUMBER() OVER (ORDER BY m.uid), @modseq, ${mapped(mapping)}, m.size, m.internal_date,
    m.flags & ${keep?.system ?? ALL_FLAGS}, m.content, ${uuidOctets(operation)}
  FROM ${picked}`;

/** The keywords of a message as the target has them. */
function mapped(mapping: KeywordMapping): Sql {
  if (mapping === null) return raw('m.keywords');
  const bits = mapping.from.map((bit, i) => sql`((m.keywords >> ${bit} & 1) << ${mapping.to[i] ?? 0})`);
  return bits.length === 0 ? raw('0') : join(bits, ' | ');
}

/** Statements in the order of their UIDs. */
const sourceStatement = (picked: Sql, source: Uid[]): Statement => ({
  name: 'copy-source',
  ...sql`SELECT m.uid AS uid FROM ${picked} ORDER BY m.uid`,
  take: ({ uid }) => void source.push(uid as Uid),
});

const answerStatement = (from: string): Statement => ({
  name: 'copy-answer',
  ...sql`SELECT ${total.n} AS count, @first AS first, @validity AS validity, ${isExcess} AS excess,
    COALESCE((SELECT b.modseq FROM mailbox b WHERE b.id = ${uuidOctets(from)}), 0) AS modseq`,
});

async function usedKeywords(tx: Connection, mailbox: string, uids: readonly Uid[]): Promise<bigint> {
  const statements = rangesByStatement(uidRanges(uids)).map((ranges) => ({
    name: 'keywords-used',
    ...sql`SELECT BIT_OR(m.keywords) & ${WORD} AS low, BIT_OR(m.keywords) >> 31 AS high
      FROM message m FORCE INDEX (PRIMARY) WHERE m.mailbox = ${uuidOctets(mailbox)} AND ${inRanges('m.uid', ranges)}`,
  }));
  const answers = await sendInPackets(tx, statements);
  return answers.reduce((used, [row]) => {
    const { low, high } = row as { readonly low: number; readonly high: number };
    return used | BigInt(low) | (BigInt(high) << 31n);
  }, 0n);
}

/** 31 bits: what a number has room for. */
const WORD = 0x7fffffff;

/** What this engine does for `copy`. */
export const copying = { lockPair, lockUsage, usedKeywords, saveKeywords, copyLocked };
