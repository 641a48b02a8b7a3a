import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { flagMasks, keywordsFor } from '../../messages/flag-change.ts';
import {
  type FlagsChanged,
  type FlagsRefused,
  namesKeywords,
  storeFlags as storeBy,
} from '../../messages/store-flags.ts';
import { uidRanges, writeUids } from '../../messages/uid-ranges.ts';
import type { StoreFlags, StoreOutcome } from '../../store.ts';
import type { MessageRows, ModSeq, Uid } from '../../types.ts';
import { type Connection, firstRow } from '../connection.ts';
import { gapSince } from '../epoch-sql.ts';
import { lockMailbox } from '../mailboxes/lock-mailbox.ts';
import { enterMailbox, mustBe, recorded } from '../operations/at-once.ts';
import { sendAtOnce } from '../send-at-once.ts';
import { type PackedRows, packedColumns, readNumbers, unpackRows } from '../view/packed-rows.ts';
import { writeHit } from './counter-sql.ts';
import { saveKeywords } from './save-keywords.ts';
import { inRanges, uidRuns } from './uid-sql.ts';

/** One statement locks, one writes. */
export const storeFlags = (
  access: RepositoryAccess<Connection>,
  request: StoreFlags,
  attempt: Attempt,
): Promise<StoreOutcome> => storeBy({ access, change, changeAtOnce, readRows }, request, attempt);

async function changeAtOnce(c: Connection, request: StoreFlags, epoch: number): Promise<FlagsChanged | FlagsRefused> {
  const statement = {
    name: 'flags-store-recorded',
    text: atOnceText,
    values: [...writeValues(request, []), request.operation, epoch],
  };
  const [, rows] = await sendAtOnce(c, [enterMailbox(request.mailbox), statement]);
  const row = (rows?.[0] ?? null) as (Written & { readonly names: readonly string[] | null }) | null;
  return row?.names == null ? { kind: 'gone' } : result(row, row.names);
}

export async function change(tx: Connection, request: StoreFlags): Promise<FlagsChanged | FlagsRefused> {
  if (namesKeywords(request)) return await changeWithKeywords(tx, request);
  // Nothing to be known first: both statements go out at once.
  const [[mailbox], row] = await Promise.all([lockMailbox(tx, request.mailbox), write(tx, request, [])]);
  return mailbox === undefined ? { kind: 'gone' } : result(row, mailbox.keywords);
}

async function changeWithKeywords(tx: Connection, request: StoreFlags): Promise<FlagsChanged | FlagsRefused> {
  const [mailbox] = await lockMailbox(tx, request.mailbox);
  if (mailbox === undefined) return { kind: 'gone' };
  const assigned = keywordsFor(mailbox.keywords, request.change);
  if (assigned === 'full') return { kind: 'tooManyKeywords' };
  await saveKeywords(tx, mailbox.id, assigned);
  return result(await write(tx, request, assigned.bits), assigned.keywords);
}

type Written = PackedRows & {
  readonly modseq: ModSeq;
  readonly modified_count: number;
  readonly modified: string | null;
};

function write(tx: Connection, request: StoreFlags, bits: readonly number[]): Promise<Written | null> {
  return firstRow<Written>(tx, { name: 'flags-store', text: writeText, values: writeValues(request, bits) });
}

/** $1 to $8. */
function writeValues({ mailbox, change, uids, unchangedSince }: StoreFlags, bits: readonly number[]): unknown[] {
  const { from, to } = uidRanges(uids);
  const { clear, set } = flagMasks(change, bits);
  return [mailbox, from, to, clear.flags, set.flags, clear.keywords, set.keywords, unchangedSince];
}

// The mailbox row is locked before this statement begins, so that `asked` sees the messages as they are.
const written = `
  asked AS (
    SELECT m.uid, m.ctid AS at, m.flags, m.keywords, m.modseq, ($8::bigint IS NOT NULL AND m.modseq > $8) AS modified,
      ((m.flags & ~$4::smallint) | $5::smallint) AS new_flags,
      ((m.keywords & ~$6::bigint) | $7::bigint) AS new_keywords
    FROM mail.message m WHERE m.mailbox = $1 AND ${inRanges('m.uid', '$2', '$3')}
  ), hit AS (
    SELECT * FROM asked WHERE NOT modified AND (flags <> new_flags OR keywords <> new_keywords)
  ), ${writeHit}`;

/** The messages as they are now. */
const packed = `(SELECT ${packedColumns} FROM (
    SELECT uid,
      CASE WHEN modified THEN flags ELSE new_flags END AS flags,
      CASE WHEN modified THEN keywords ELSE new_keywords END AS keywords,
      CASE WHEN modified OR (flags = new_flags AND keywords = new_keywords) THEN modseq
        ELSE (SELECT modseq FROM mailbox) END AS modseq
    FROM asked ORDER BY uid) now) p`;

const modifiedColumns = `(SELECT count(*) FROM asked WHERE modified)::float8 AS modified_count,
    (SELECT array_agg(uid ORDER BY uid)::text FROM asked WHERE modified) AS modified`;

const modSeqOf = (row: string): string =>
  `coalesce((SELECT modseq FROM mailbox), ${row}.modseq + ${gapSince(`${row}.epoch`)})`;

const writeText = `
  WITH ${written}
  SELECT (SELECT ${modSeqOf('b')} FROM mail.mailbox b WHERE b.id = $1)::float8 AS modseq, p.*, ${modifiedColumns}
  FROM ${packed}`;

// The same with what is stored of it: see `StoredFlags`. Of a mailbox that is gone there are no keywords.
const atOnceText = `
  WITH ${written}, outcome AS (
    SELECT ${modSeqOf('b')} AS modseq, b.keywords AS names
    FROM (SELECT) one LEFT JOIN mail.mailbox b ON b.id = $1
  ), ${recorded(
    '$9',
    `SELECT CASE WHEN names IS NULL THEN '{"kind":"gone"}'::json ELSE json_build_object('kind', 'stored',
      'modSeq', modseq, 'keywords', names, 'modified', ${uidRuns('SELECT uid FROM asked WHERE modified')}) END FROM outcome`,
  )}
  SELECT o.modseq::float8 AS modseq, o.names, p.*, ${modifiedColumns}, ${mustBe('$10')}
  FROM outcome o, ${packed}`;

function result(row: Written | null, keywords: readonly string[]): FlagsChanged {
  if (row === null) throw new Error('a locked mailbox has no row');
  const modified = [...readNumbers(row.modified, new Uint32Array(row.modified_count))] as Uid[];
  return {
    stored: { kind: 'stored', modSeq: row.modseq, keywords, modified: writeUids(modified) },
    rows: unpackRows(row),
  };
}

export async function readRows(
  c: Connection,
  { mailbox, uids }: Pick<StoreFlags, 'mailbox' | 'uids'>,
): Promise<MessageRows> {
  const { from, to } = uidRanges(uids);
  const row = await firstRow<PackedRows>(c, {
    name: 'flags-read',
    text: `SELECT ${packedColumns} FROM (SELECT m.uid, m.flags, m.keywords, m.modseq
      FROM mail.message m WHERE m.mailbox = $1 AND ${inRanges('m.uid', '$2', '$3')} ORDER BY m.uid) ordered`,
    values: [mailbox, from, to],
  });
  if (row === null) throw new Error('an aggregate gave no row');
  return unpackRows(row);
}
