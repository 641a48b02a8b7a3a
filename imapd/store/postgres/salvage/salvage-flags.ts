import { writeUids } from '../../messages/uid-ranges.ts';
import { derivedOperation } from '../../operations/derived-operation.ts';
import type { Uid } from '../../types.ts';
import { type Connection, onlyRow, rows } from '../connection.ts';
import { lockMailbox } from '../mailboxes/lock-mailbox.ts';
import { writeHit } from '../messages/counter-sql.ts';
import { saveKeywords } from '../messages/save-keywords.ts';
import type { SalvageContext, SalvageResult } from './salvage-context.ts';
import type { KnownMailbox, SourceMailbox } from './source-mailboxes.ts';
import { translateKeywords } from './translate-keywords.ts';

type FlagRow = { readonly uid: Uid; readonly flags: number; readonly keywords: string };

const PAGE = 1000;

/**
 * Flags that were changed in the tail, of messages from before it: taken over where the message's mod-sequence says that
 * nobody has touched it since the fork.
 */
export async function salvageFlags(
  context: SalvageContext,
  request: { readonly mailbox: SourceMailbox; readonly fork: KnownMailbox; readonly result: SalvageResult },
): Promise<void> {
  const { mailbox, fork, result } = request;
  for (let after = 0; ; ) {
    const page = await rows<FlagRow>(context.source, {
      name: 'salvage-flags-read',
      text: `SELECT uid::float8, flags, keywords::text FROM mail.message
        WHERE mailbox = $1 AND uid > $2 AND uid < $3 AND modseq > $4 ORDER BY uid LIMIT ${PAGE}`,
      values: [mailbox.id, after, fork.forkUidNext, fork.forkModSeq],
    });
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.uid;
    const step = `flags ${mailbox.id} ${writeUids(page.map((row) => row.uid))} at ${fork.forkModSeq}`;
    // A repeated run finds the operation and changes, and counts, nothing.
    let merged = { changed: 0, skipped: 0 };
    await context.target.mutate(
      derivedOperation(`salvage ${context.member}`, step),
      async (tx) => {
        merged = await merge(tx, { mailbox, fork, page });
        return merged;
      },
      context.attempt,
    );
    result.flags += merged.changed;
    result.skipped += merged.skipped;
  }
}

async function merge(
  tx: Connection,
  { mailbox, fork, page }: { mailbox: SourceMailbox; fork: KnownMailbox; page: readonly FlagRow[] },
): Promise<{ changed: number; skipped: number }> {
  const [here] = await lockMailbox(tx, mailbox.id);
  if (here === undefined) return { changed: 0, skipped: page.length };
  const { assigned, masks } = translateKeywords(here.keywords, mailbox.keywords, {
    masks: page.map((row) => BigInt(row.keywords)),
    extra: null,
  });
  await saveKeywords(tx, mailbox.id, assigned);
  const uids = page.map((row) => row.uid);
  return await onlyRow(tx, {
    name: 'salvage-flags-write',
    text: mergeText,
    values: [mailbox.id, uids, page.map((row) => row.flags), masks, fork.forkModSeq],
  });
}

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
