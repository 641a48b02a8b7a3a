import type { MailboxId } from '../../types.ts';
import { type Connection, rows } from '../connection.ts';
import type { SalvageContext } from './salvage-context.ts';

export type SourceMailbox = {
  readonly id: MailboxId;
  readonly owner: string;
  readonly name: string;
  readonly modseq: number;
  readonly keywords: readonly string[];
  readonly specialUse: readonly string[];
  readonly createdAt: Date;
  /** What the target knows of it; null: nothing. */
  readonly here: KnownMailbox | null;
};

export type KnownMailbox = {
  readonly exists: boolean;
  /** The row as it was where the two parted. */
  readonly forkUidNext: number;
  readonly forkModSeq: number;
};

const PAGE = 500;

/** All mailboxes of the old primary, in pages, each with its fork. */
export async function* sourceMailboxes(context: SalvageContext): AsyncGenerator<readonly SourceMailbox[]> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const page = await rows<Omit<SourceMailbox, 'here'>>(context.source, {
      text: `SELECT id, owner, name, modseq::float8, keywords, special_use AS "specialUse", created_at AS "createdAt"
        FROM mail.mailbox WHERE id > $1 ORDER BY id LIMIT ${PAGE}`,
      values: [after],
    });
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
    const ids = page.map(({ id }) => id);
    const here = await context.target.read((c) => known(c, ids, context.forkEpoch), context.attempt);
    yield page.map((mailbox) => ({ ...mailbox, here: here.get(mailbox.id) ?? null }));
  }
}

/** A mailbox that has been written since the fork has it on record; one that has not forks at its row. */
async function known(
  c: Connection,
  ids: readonly string[],
  forkEpoch: number,
): Promise<ReadonlyMap<string, KnownMailbox>> {
  const found = await rows<KnownMailbox & { id: string }>(c, {
    name: 'salvage-forks',
    text: `SELECT b.id, b.exists, coalesce(f.uid_next, b.uid_next)::float8 AS "forkUidNext",
        coalesce(f.modseq, b.modseq)::float8 AS "forkModSeq"
      FROM (
        SELECT id, true AS exists, uid_next, modseq FROM mail.mailbox WHERE id = ANY($1::uuid[])
        UNION ALL SELECT id, false, uid_next, modseq FROM mail.removed_mailbox WHERE id = ANY($1::uuid[])
      ) b LEFT JOIN mail.fork f ON f.mailbox = b.id AND f.epoch = $2`,
    values: [ids, forkEpoch],
  });
  return new Map(found.map(({ id, ...mailbox }) => [id, mailbox]));
}
