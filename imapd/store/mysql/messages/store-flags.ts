import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { type FlagMask, flagMasks, keywordsFor } from '../../messages/flag-change.ts';
import type { KeywordBits } from '../../messages/keywords.ts';
import { type FlagsChanged, type FlagsRefused, storeFlags as storeBy } from '../../messages/store-flags.ts';
import { uidRanges, writeUids } from '../../messages/uid-ranges.ts';
import type { StoreFlags, StoreOutcome } from '../../store.ts';
import type { MessageRows, ModSeq, Uid } from '../../types.ts';
import type { Connection, Statement } from '../connection.ts';
import { noJumpSince } from '../epoch-sql.ts';
import { lockMailbox } from '../mailboxes/lock-mailbox.ts';
import { recorded, sendBatch, unset } from '../operations/batch.ts';
import { sendInPackets } from '../operations/packets.ts';
import { raw, type Sql, sql } from '../sql.ts';
import { GatheredRows, messageColumns } from '../view/gathered-rows.ts';
import { addHit, countHit, countNone } from './counter-sql.ts';
import { keywordStatements } from './save-keywords.ts';
import { inRanges, isTold, rangesByStatement, tellUids } from './uid-sql.ts';

export const storeFlags = (
  access: RepositoryAccess<Connection>,
  request: StoreFlags,
  attempt: Attempt,
): Promise<StoreOutcome> => storeBy({ access, change, changeAtOnce, readRows }, request, attempt);

/** A mailbox that is gone fails the guard. */
async function changeAtOnce(c: Connection, request: StoreFlags, epoch: number): Promise<FlagsChanged> {
  const gathered = new GatheredRows(request.uids.length);
  const { operation } = request;
  const mustBe = sql`${raw(noJumpSince('@was'))} AND ${isTold}`;
  const answers = await sendBatch(c, [
    ...changeStatements(request, []),
    ...tellModified(request),
    recorded({ operation, epoch, mustBe, result: stored }),
    ...selectRows(request, gathered),
    { name: 'flags-answer', ...sql`SELECT ${stored} AS result` },
  ]);
  const [row] = answers.at(-1) as [{ readonly result: Buffer | string }];
  return { stored: JSON.parse(row.result.toString()), rows: gathered.end() };
}

export async function change(tx: Connection, request: StoreFlags): Promise<FlagsChanged | FlagsRefused> {
  const [mailbox] = await lockMailbox(tx, request.mailbox);
  if (mailbox === undefined) return { kind: 'gone' };
  const assigned = keywordsFor(mailbox.keywords, request.change);
  if (assigned === 'full') return { kind: 'tooManyKeywords' };
  return await changeLocked(tx, request, assigned);
}

async function changeLocked(
  tx: Connection,
  request: StoreFlags,
  { bits, keywords, grown }: KeywordBits,
): Promise<FlagsChanged> {
  const gathered = new GatheredRows(request.uids.length);
  const answers = await sendInPackets(tx, [
    ...keywordStatements(request.mailbox, { bits, keywords, grown }),
    ...changeStatements(request, bits),
    ...selectRows(request, gathered),
    { name: 'flags-answer', text: `SELECT ${MODSEQ} AS modseq, @modseq AS upTo` },
  ]);
  const [row] = answers.at(-1) as [{ readonly modseq: ModSeq; readonly upTo: ModSeq }];
  const rows = gathered.end();
  const modified = request.unchangedSince === null ? [] : changedBetween(rows, request.unchangedSince, row.upTo);
  return { stored: { kind: 'stored', modSeq: row.modseq, keywords, modified: writeUids(modified) }, rows };
}

export async function readRows(c: Connection, request: Named): Promise<MessageRows> {
  const gathered = new GatheredRows(request.uids.length);
  await sendInPackets(c, selectRows(request, gathered));
  return gathered.end();
}

type Named = Pick<StoreFlags, 'mailbox' | 'uids'>;

/** Of the mailbox, afterwards. */
const MODSEQ = '@modseq + (@n > 0)';

/** Keywords are atoms: nothing in them has a meaning in JSON. */
const NAMES = `IF(@names = '', '[]', CONCAT('["', REPLACE(@names, ' ', '","'), '"]'))`;

/** What is stored of it: see `StoredFlags`. Null without a mailbox. */
const stored = raw(
  `CONCAT('{"kind":"stored","modSeq":', ${MODSEQ}, ',"keywords":', ${NAMES}, ',"modified":"', @uids, '"}')`,
);

/** Locks the mailbox and gives its messages their new flags and one new mod-sequence. */
function changeStatements(request: StoreFlags, bits: readonly number[]): Statement[] {
  const { mailbox, change, uids, unchangedSince } = request;
  const box = sql`${uuidOctets(mailbox)}`;
  const { flags, keywords } = newValues(flagMasks(change, bits));
  const isNew = sql`(flags <> ${flags} OR keywords <> ${keywords})`;
  const isOld = unchangedSince === null ? raw('') : sql`AND modseq <= ${unchangedSince}`;
  const hits = rangesByStatement(uidRanges(uids)).map(
    (ranges) => sql`mailbox = ${box} AND ${inRanges('uid', ranges)} AND ${isNew} ${isOld}`,
  );
  return [
    unset('@modseq', '@was', '@names'),
    {
      name: 'mailbox-enter',
      ...sql`SELECT modseq, epoch, keywords INTO @modseq, @was, @names FROM mailbox WHERE id = ${box} FOR UPDATE`,
    },
    countNone,
    ...hits.map((hit) => countHit(sql`message FORCE INDEX (PRIMARY) WHERE ${hit}`, flags)),
    addHit(box),
    ...hits.map((hit) => ({
      name: 'flags-store',
      ...sql`UPDATE message FORCE INDEX (PRIMARY) SET flags = ${flags}, keywords = ${keywords}, modseq = @modseq + 1
        WHERE ${hit}`,
    })),
  ];
}

/** Expressions of a message's row. All bits of a column and no other: `~` would be one of 64. */
function newValues({ clear, set }: { readonly clear: FlagMask; readonly set: FlagMask }): {
  readonly flags: Sql;
  readonly keywords: Sql;
} {
  const keptKeywords = ALL_KEYWORDS ^ BigInt(clear.keywords);
  return {
    flags: sql`((flags & ${ALL_FLAGS ^ clear.flags}) | ${set.flags})`,
    keywords: sql`((keywords & ${keptKeywords}) | ${BigInt(set.keywords)})`,
  };
}

const ALL_FLAGS = 0xffff;
const ALL_KEYWORDS = 2n ** 64n - 1n;

/** The messages as they are. */
const selectRows = ({ mailbox, uids }: Named, gathered: GatheredRows): Statement[] =>
  rangesByStatement(uidRanges(uids)).map((ranges) => ({
    name: 'flags-read',
    ...sql`SELECT ${raw(messageColumns)} FROM message FORCE INDEX (PRIMARY)
      WHERE mailbox = ${uuidOctets(mailbox)} AND ${inRanges('uid', ranges)} ORDER BY uid`,
    take: (row) => gathered.add(row),
  }));

/** Those that had been changed already: of what is changed here the mod-sequence is above `@modseq`. */
function tellModified({ mailbox, uids, unchangedSince }: StoreFlags): Statement[] {
  if (unchangedSince === null) return tellUids([]);
  return tellUids(
    rangesByStatement(uidRanges(uids)).map(
      (ranges) => sql`SELECT uid FROM message FORCE INDEX (PRIMARY)
    WHERE mailbox = ${uuidOctets(mailbox)} AND ${inRanges('uid', ranges)}
      AND modseq > ${unchangedSince} AND modseq <= @modseq`,
    ),
  );
}

function changedBetween({ count, uids, modSeqs }: MessageRows, since: ModSeq, upTo: ModSeq): Uid[] {
  const changed: Uid[] = [];
  for (let i = 0; i < count; i++) {
    const modSeq = modSeqs[i] ?? 0;
    if (modSeq > since && modSeq <= upTo) changed.push(uids[i] as Uid);
  }
  return changed;
}
