import type { MailboxId } from '../../types.ts';
import { type Connection, rows } from '../connection.ts';
import { bringMessages } from './bring-messages.ts';
import { copyContents } from './copy-contents.ts';
import { type Decision, decideMessages, type Knowledge } from './decide-messages.ts';
import type { SalvageContext, SalvageResult } from './salvage-context.ts';
import type { SourceMailbox } from './source-mailboxes.ts';

export type TailRow = {
  readonly uid: number;
  readonly content: string;
  readonly operation: string;
  readonly flags: number;
  /** Bits of the old primary's keywords, as text: 62 of them. */
  readonly keywords: string;
  readonly size: number;
  readonly internal_date: Date;
  /** SHA-256 of the message, hexadecimal. */
  readonly hash: string;
};

/** Messages of one transaction. */
const PAGE = 100;

/** The messages of a mailbox above its fork, page by page: decided, their content copied, brought. */
export async function salvageMessages(
  context: SalvageContext,
  request: {
    readonly mailbox: SourceMailbox;
    readonly into: () => Promise<MailboxId>;
    readonly result: SalvageResult;
  },
): Promise<void> {
  const { mailbox, into, result } = request;
  let from = mailbox.here?.forkUidNext ?? 1;
  for (;;) {
    const page = await readTail(context.source, mailbox.id, from);
    const last = page.at(-1);
    if (last === undefined) return;
    const decisions = decideMessages(page, await whatIsKnown(context, mailbox, page));
    const bring = page.filter((row) => decisions.get(row.uid)?.kind === 'bring');
    const known = page.flatMap((row) => knownOf(row, decisions.get(row.uid)));
    if (bring.length + known.length > 0) {
      await copyContents(context, bring);
      await bringMessages(context, { mailbox, into: await placeFor(bring, mailbox, into), bring, known });
    }
    result.messages += bring.length;
    result.known += known.length;
    context.log.debug({ mailbox: mailbox.name, owner: mailbox.owner, ...result }, 'messages of a mailbox');
    from = last.uid + 1;
  }
}

/** A mailbox that was deleted here is made again only for messages that nobody has. */
const placeFor = async (
  bring: readonly TailRow[],
  mailbox: SourceMailbox,
  into: () => Promise<MailboxId>,
): Promise<MailboxId> => (bring.length === 0 ? mailbox.id : await into());

const knownOf = (row: TailRow, decision: Decision | undefined) =>
  decision?.kind === 'known' ? [{ oldUid: row.uid, newUid: decision.uid }] : [];

const readTail = (source: Connection, mailbox: string, from: number): Promise<TailRow[]> =>
  rows<TailRow>(source, {
    name: 'salvage-tail',
    text: `SELECT m.uid::float8, m.content, m.operation, m.flags, m.keywords::text, m.size::float8, m.internal_date,
        encode(c.hash, 'hex') AS hash
      FROM mail.message m JOIN mail.content c ON c.id = m.content
      WHERE m.mailbox = $1 AND m.uid >= $2 ORDER BY m.uid LIMIT ${PAGE}`,
    values: [mailbox, from],
  });

/** Of a mailbox that the target has never seen, only operations and decisions can be known. */
async function whatIsKnown(
  context: SalvageContext,
  mailbox: SourceMailbox,
  page: readonly TailRow[],
): Promise<Knowledge> {
  const uids = page.map((row) => row.uid);
  const operations = [...new Set(page.map((row) => row.operation))];
  const hashes = [...new Set(page.map((row) => row.hash))];
  return await context.target.read(async (c) => {
    const [decided, repeated, arrived] = await Promise.all([
      rows<{ uid: number }>(c, {
        name: 'salvage-decided',
        text: `SELECT old_uid::float8 AS uid FROM mail.salvaged
          WHERE member = $1 AND mailbox = $2 AND old_uid = ANY($3::bigint[])`,
        values: [context.member, mailbox.id, uids],
      }),
      rows<{ id: string }>(c, {
        name: 'operations-known',
        text: 'SELECT id FROM mail.operation WHERE id = ANY($1::uuid[])',
        values: [operations],
      }),
      rows<{ hash: string; uids: number[] }>(c, {
        name: 'salvage-arrived',
        text: arrivedText,
        values: [mailbox.id, mailbox.here?.forkUidNext ?? 1, hashes],
      }),
    ]);
    return {
      decided: new Set(decided.map((row) => row.uid)),
      operations: new Set(repeated.map((row) => row.id)),
      arrived: new Map(arrived.map((row) => [row.hash, row.uids])),
    };
  }, context.attempt);
}

/** Expunged ones count: whoever expunged the message has seen it. */
const arrivedText = `
  SELECT encode(c.hash, 'hex') AS hash, array_agg(m.uid::float8 ORDER BY m.uid) AS uids FROM (
    SELECT uid, content FROM mail.message WHERE mailbox = $1 AND uid >= $2
    UNION ALL SELECT uid, content FROM mail.tombstone WHERE mailbox = $1 AND uid >= $2
  ) m JOIN mail.content c ON c.id = m.content
  WHERE c.hash = ANY(SELECT decode(unnest($3::text[]), 'hex'))
    AND NOT EXISTS (SELECT 1 FROM mail.salvaged s WHERE s.new_mailbox = $1 AND s.new_uid = m.uid)
  GROUP BY c.hash`;
