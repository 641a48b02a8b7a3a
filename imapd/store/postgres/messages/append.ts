import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import { type Appending, append as appendBy, checkAppended, type LimitedAppend } from '../../messages/append.ts';
import { keywordMasks, masksOfNone, namesOf } from '../../messages/keywords.ts';
import type { StoredAppend } from '../../messages/stored-append.ts';
import { rollBackWith } from '../../operations/outcome.ts';
import { limitValue } from '../../quota-values.ts';
import type { AppendMessage, AppendOutcome, AppendPlace } from '../../store.ts';
import type { MailboxId, ModSeq, UidValidity } from '../../types.ts';
import { type Connection, firstRow } from '../connection.ts';
import { enterEpoch, mustBe, recorded } from '../operations/at-once.ts';
import { excess, isExcess } from '../quota-sql.ts';
import { type NamedStatement, sendAtOnce } from '../send-at-once.ts';
import { addTotal, firstAdded, totalOf } from './counter-sql.ts';
import { contentStatement, insertContent } from './insert-content.ts';
import { saveKeywords } from './save-keywords.ts';

export const append = (
  access: RepositoryAccess<Connection>,
  request: LimitedAppend,
  attempt: Attempt,
): Promise<AppendOutcome> => appendBy({ access, appendTo, appendAtOnce }, request, attempt);

/** The contents first: the mailbox is locked for what is left. */
async function appendAtOnce(c: Connection, requests: readonly LimitedAppend[], epoch: number): Promise<StoredAppend[]> {
  const contents = requests.flatMap(({ messages }) => messages.map(({ staged }) => contentStatement(staged)));
  const assigns = requests.map((request) => assignStatement(request, epoch));
  const answers = await sendAtOnce(c, [...contents.filter((each) => each !== null), enterEpoch, ...assigns]);
  return answers.slice(-requests.length).map(([row]) => storedAppend(row as Assigned));
}

function assignStatement(request: LimitedAppend, epoch: number): NamedStatement {
  const byId = 'id' in request;
  return {
    name: byId ? 'append-to-id-recorded' : 'append-to-name-recorded',
    text: atOnceText(byId),
    values: [...assignValues(request, request, masksOfNone(request.messages)), epoch],
  };
}

const storedAppend = (row: Assigned): StoredAppend => ({
  mailbox: row.id,
  uidValidity: row.uid_validity,
  firstUid: row.first_uid,
  modSeq: row.modseq,
});

/** @throws an outcome for `withOutcome` where it cannot be done */
export async function appendTo(tx: Connection, place: AppendPlace, appending: Appending): Promise<StoredAppend> {
  const { messages } = appending;
  const contents = messages.map(({ staged }) => insertContent(tx, staged));
  const [row] = await Promise.all([assignUids(tx, place, appending), ...contents]);
  if (row === null) rollBackWith({ kind: 'noMailbox' });
  checkAppended(appending, row);
  return storedAppend(row);
}

type Assigned = {
  readonly id: MailboxId;
  readonly uid_validity: UidValidity;
  readonly first_uid: number;
  readonly modseq: ModSeq;
  readonly complete: number;
  readonly excess: boolean;
};

async function assignUids(tx: Connection, place: AppendPlace, appending: Appending): Promise<Assigned | null> {
  const masks = await giveKeywords(tx, place, appending.messages);
  const byId = 'id' in place;
  return await firstRow<Assigned>(tx, {
    name: byId ? 'append-to-id' : 'append-to-name',
    text: assignText(byId),
    values: assignValues(place, appending, masks),
  });
}

/** $1 to $10. */
const assignValues = (
  place: AppendPlace,
  { operation, messages, limits }: Appending,
  masks: readonly string[],
): unknown[] => [
  messages.map((m) => m.staged.content),
  messages.map((m) => m.staged.size),
  messages.map((m) => m.flags.system),
  masks,
  messages.map((m) => m.internalDate),
  operation,
  ...('id' in place ? [place.id, null] : [place.owner, place.mailbox]),
  limitValue(limits?.STORAGE ?? null),
  limitValue(limits?.MESSAGE ?? null),
];

const assigned = (byId: boolean): string => `
  incoming AS (
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::bigint[], $5::timestamptz[])
      WITH ORDINALITY AS i(content, size, flags, keywords, internal_date, n)
  ), total AS (${totalOf('incoming')}
  ), arrived AS (
    DELETE FROM mail.staged s USING incoming i WHERE s.content = i.content
  ), target AS (
    ${addTotal} WHERE ${byId ? 'b.id = $7 AND $8::text IS NULL' : 'b.owner = $7 AND b.name = $8'}
    RETURNING b.id, b.owner, b.uid_validity, ${firstAdded} AS first_uid, b.modseq
  ), stored AS (
    INSERT INTO mail.message (mailbox, uid, modseq, content, operation, keywords, size, internal_date, flags)
    SELECT t.id, t.first_uid + i.n - 1, t.modseq, i.content, $6, i.keywords, i.size, i.internal_date, i.flags
    FROM target t, incoming i
  ), ${excess('$9', '$10')}`;

const answer = `t.id, t.uid_validity::float8, t.first_uid::float8, t.modseq::float8`;

/** Messages whose content is all there. */
const complete = `(SELECT count(*) FROM incoming i JOIN mail.content c ON c.id = i.content
      WHERE c.chunks = 1 OR c.chunks = (SELECT count(*) FROM mail.chunk k WHERE k.content = c.id))`;

const assignText = (byId: boolean): string => `
  WITH ${assigned(byId)}
  SELECT ${answer}, ${isExcess} AS excess, ${complete}::float8 AS complete FROM target t`;

// The same with what is stored of it: see `StoredAppend`. Without a mailbox, without room, or incomplete it must not be.
const atOnceText = (byId: boolean): string => `
  WITH ${assigned(byId)}, ${recorded(
    '$6',
    `SELECT json_build_object('mailbox', t.id, 'uidValidity', t.uid_validity, 'firstUid', t.first_uid, 'modSeq', t.modseq)
      FROM target t`,
  )}
  SELECT ${answer}, ${mustBe('$11', `t.id IS NOT NULL AND NOT ${isExcess} AND ${complete} = cardinality($1::uuid[])`)}
  FROM (SELECT) one LEFT JOIN target t ON true`;

/** One mask a message. Only messages with keywords cost a statement more: the row is locked to give new names their bits. */
async function giveKeywords(
  tx: Connection,
  place: AppendPlace,
  messages: AppendMessage['messages'],
): Promise<readonly string[]> {
  if (namesOf(messages).length === 0) return masksOfNone(messages);
  const byId = 'id' in place;
  const row = await firstRow<{ id: string; keywords: string[] }>(tx, {
    name: byId ? 'append-keywords-id' : 'append-keywords-name',
    text: `SELECT id, keywords FROM mail.mailbox WHERE ${byId ? 'id = $1' : 'owner = $1 AND name = $2'} FOR UPDATE`,
    values: byId ? [place.id] : [place.owner, place.mailbox],
  });
  if (row === null) rollBackWith({ kind: 'noMailbox' });
  const given = keywordMasks(row.keywords, messages);
  if (given === 'full') rollBackWith({ kind: 'tooManyKeywords' });
  await saveKeywords(tx, row.id, given.assigned);
  return given.masks;
}
