import type { FlagRow, FlagStatements } from '../../salvage/salvage-statements.ts';
import { type Connection, onlyRow, rows } from '../connection.ts';
import { writeHit } from '../messages/counter-sql.ts';

export const flagStatements: FlagStatements<Connection> = {
  page: (source, { mailbox, after, fork, most }) =>
    rows<FlagRow>(source, {
      name: 'salvage-flags-read',
      text: `SELECT uid::float8, flags, keywords::text FROM mail.message
        WHERE mailbox = $1 AND uid > $2 AND uid < $3 AND modseq > $4 ORDER BY uid LIMIT $5`,
      values: [mailbox, after, fork.forkUidNext, fork.forkModSeq, most],
    }),

  merge: (tx, { mailbox, rows: flags, masks, forkModSeq }) =>
    onlyRow(tx, {
      name: 'salvage-flags-write',
      text: mergeText,
      values: [mailbox, flags.map((row) => row.uid), flags.map((row) => row.flags), masks, forkModSeq],
    }),
};

const mergeText = `
  WITH asked AS (
    SELECT m.uid, m.ctid AS at, m.flags, m.keywords, m.modseq, i.flags AS new_flags, i.keywords AS new_keywords
    FROM unnest($2::bigint[], $3::smallint[], $4::bigint[]) AS i(uid, flags, keywords)
    JOIN mail.message m ON m.mailbox = $1 AND m.uid = i.uid
  ), hit AS (
    SELECT * FROM asked WHERE modseq <= $5 AND (flags, keywords) IS DISTINCT FROM (new_flags, new_keywords)
  ), ${writeHit}
  SELECT (SELECT count(*) FROM hit)::float8 AS changed,
    (SELECT count(*) FROM asked WHERE modseq > $5)::float8 AS skipped`;
