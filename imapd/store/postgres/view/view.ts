import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { MailboxState } from '../../mailbox-state.ts';
import { type MailboxRow, mailboxState } from '../../mailboxes/mailbox-row.ts';
import { octetsPassed } from '../../sweep.ts';
import type { MailboxId, MessageRows } from '../../types.ts';
import { type Connection, eachRow } from '../connection.ts';
import { mailboxColumns } from '../mailboxes/mailbox-columns.ts';
import { type PackedColumn, packedColumnNames, packedColumns, Unpacking } from './packed-rows.ts';

/** Octets of one row of the answer: the driver keeps a row whole, and its text, so rows are small. */
const PIECE_SIZE = 32 * 1024;

type ViewRow = MailboxRow & {
  /** Messages of the mailbox. */
  readonly count: number;
  /** null where there is no message, like the other two. */
  readonly column: PackedColumn | null;
  readonly piece: string | null;
  /** Octets of the column's text before the piece. */
  readonly at: number | null;
};

type Loaded = { readonly state: MailboxState; readonly rows: MessageRows };

/** Mailbox and messages by one statement, hence one snapshot. Its rows are unpacked as they come. */
export async function loadView(
  access: RepositoryAccess<Connection>,
  mailbox: MailboxId,
  attempt: Attempt,
): Promise<Loaded | null> {
  return await access.read(async (c) => {
    let begun: { readonly state: MailboxState; readonly unpacking: Unpacking } | undefined;
    await eachRow<ViewRow>(c, { name: 'view-load', text: viewText, values: [mailbox] }, (row) => {
      begun ??= { state: mailboxState(row), unpacking: new Unpacking(row.count) };
      if (row.column === null || row.piece === null) return;
      begun.unpacking.read(row.column, row.piece, row.at ?? 0);
      octetsPassed(row.piece.length);
    });
    return loaded(begun);
  }, attempt);
}

const loaded = (begun: { readonly state: MailboxState; readonly unpacking: Unpacking } | undefined): Loaded | null =>
  begun === undefined ? null : { state: begun.state, rows: begun.unpacking.end() };

const asRows = packedColumnNames.map((name) => `('${name}', convert_to(p.${name}, 'UTF8'))`).join(', ');

// The messages are walked once, by their index or however the planner likes, and packed; then the texts are cut. Cut as
// octets: where a character of text begins PostgreSQL would have to count out.
const viewText = `
  WITH box AS MATERIALIZED (
    SELECT ${mailboxColumns} FROM mail.mailbox m WHERE m.id = $1
  ), packed AS MATERIALIZED (
    SELECT ${packedColumns} FROM (
      SELECT uid, flags, keywords, modseq FROM mail.message WHERE mailbox = $1 ORDER BY uid) ordered
  ), texts AS MATERIALIZED (
    SELECT t.name, t.octets FROM packed p, LATERAL (VALUES ${asRows}) AS t(name, octets) WHERE t.octets IS NOT NULL
  ), piece AS (
    SELECT t.name, at, convert_from(substring(t.octets FROM at + 1 FOR ${PIECE_SIZE}), 'UTF8') AS piece
    FROM texts t, LATERAL generate_series(0, length(t.octets) - 1, ${PIECE_SIZE}) AS at
  )
  SELECT box.*, packed.count, piece.name AS "column", piece.piece, piece.at
  FROM box CROSS JOIN packed LEFT JOIN piece ON true`;
