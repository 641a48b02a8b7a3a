import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { expunge as expungeBy, type Remove, type Removed } from '../../messages/expunge.ts';
import type { StoredExpunge } from '../../messages/stored-expunge.ts';
import { uidRanges } from '../../messages/uid-ranges.ts';
import type { Expunge, ExpungeOutcome } from '../../store.ts';
import type { ModSeq, Uid } from '../../types.ts';
import type { Connection, Statement } from '../connection.ts';
import { noJumpSince } from '../epoch-sql.ts';
import { lockMailbox } from '../mailboxes/lock-mailbox.ts';
import { recorded, sendBatch, unset } from '../operations/batch.ts';
import { sendInPackets } from '../operations/packets.ts';
import { addUsage } from '../operations/usage.ts';
import { raw, type Sql, sql } from '../sql.ts';
import { countMore, countNone, isDeleted, removeTotal, total } from './counter-sql.ts';
import { inRanges, isTold, rangesByStatement, tellUids } from './uid-sql.ts';

export const expunge = (
  access: RepositoryAccess<Connection>,
  request: Expunge,
  attempt: Attempt,
): Promise<ExpungeOutcome> => expungeBy({ access, remove, removeAtOnce }, request, attempt);

async function remove(tx: Connection, request: Expunge): Promise<Removed | null> {
  const [mailbox] = await lockMailbox(tx, request.mailbox);
  return mailbox === undefined ? null : await removeMessages(tx, request);
}

/** A mailbox that is gone fails the guard. */
async function removeAtOnce(c: Connection, request: Expunge, epoch: number): Promise<StoredExpunge> {
  const { operation } = request;
  const mustBe = sql`${raw(noJumpSince('@was'))} AND ${isTold}`;
  const result = raw(`CONCAT('{"kind":"expunged","uids":"', @uids, '","modSeq":', ${MODSEQ}, '}')`);
  const answers = await sendBatch(c, [
    ...removeStatements(request),
    ...tellUids([removedUids(request)]),
    recorded({ operation, epoch, mustBe, result }),
    { name: 'expunge-answer', ...sql`SELECT ${result} AS result` },
  ]);
  const [row] = answers.at(-1) as [{ readonly result: string }];
  return JSON.parse(row.result);
}

/** The caller has locked the mailbox row: `lockMailbox`. Of a mailbox that is gone nothing is removed. */
export async function removeMessages(tx: Connection, request: Remove): Promise<Removed> {
  const { statements, removed } = removal(request);
  return removed(await sendInPackets(tx, statements));
}

/** The same, to be sent behind other statements. @returns `removed`: what the answers to its statements say */
export function removal(request: Remove): {
  readonly statements: readonly Statement[];
  removed(answers: readonly unknown[][]): Removed;
} {
  const uids: Uid[] = [];
  return {
    statements: [
      ...removeStatements(request),
      { name: 'messages-removed', ...removedUids(request), take: ({ uid }) => void uids.push(uid as Uid) },
      { name: 'expunge-answer', text: `SELECT ${MODSEQ} AS modseq` },
    ],
    removed(answers) {
      const [row] = answers.at(-1) as [{ readonly modseq: ModSeq }];
      return { uids, modSeq: row.modseq };
    },
  };
}

/** Of the mailbox, afterwards; null without one. */
const MODSEQ = '@modseq + (@n > 0)';

/**
 * Locks the mailbox, buries its messages and takes them away. A deleted mailbox keeps them as they are, for the collector: it
 * finds their content by them.
 */
function removeStatements({ mailbox, uids, onlyDeleted }: Remove): Statement[] {
  const box = sql`${uuidOctets(mailbox)}`;
  const all = sql`mailbox = ${box} AND @modseq IS NOT NULL ${onlyDeleted ? sql`AND ${isDeleted}` : raw('')}`;
  const bury = (hit: Sql): Statement[] => [
    countMore(sql`message FORCE INDEX (PRIMARY) WHERE ${hit}`),
    {
      name: 'messages-bury',
      ...sql`INSERT INTO tombstone (mailbox, uid, modseq, size, content, operation, internal_date, saved_at)
        SELECT mailbox, uid, @modseq + 1, size, content, operation, internal_date, saved_at
        FROM message FORCE INDEX (PRIMARY) WHERE ${hit}`,
    },
    // To MariaDB, which needs no hint, it is a comment; MySQL takes no other here.
    { name: 'messages-remove', ...sql`DELETE /*+ INDEX(message PRIMARY) */ FROM message WHERE ${hit}` },
  ];
  return [
    unset('@owner', '@modseq', '@was'),
    {
      name: 'mailbox-enter',
      ...sql`SELECT owner, modseq, epoch INTO @owner, @modseq, @was FROM mailbox WHERE id = ${box} FOR UPDATE`,
    },
    countNone,
    ...rangesByStatement(uidRanges(uids)).flatMap((ranges) => bury(sql`${all} AND ${inRanges('uid', ranges)}`)),
    removeTotal(box, total),
    addUsage(raw('@owner'), { storage: raw('-@size'), messages: raw('-@n') }),
  ];
}

/** Nobody else has this mod-sequence: the mailbox is locked. */
const removedUids = ({ mailbox }: Remove): Sql => sql`
  SELECT uid FROM tombstone FORCE INDEX (tombstone_by_modseq)
  WHERE mailbox = ${uuidOctets(mailbox)} AND modseq = @modseq + 1 ORDER BY uid`;
