import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { Attempt, RepositoryAccess } from '../../../routing/repository-access.ts';
import type { LockedMailbox } from '../../mailboxes/locked-mailbox.ts';
import { type Appending, append as appendBy, checkAppended, type LimitedAppend } from '../../messages/append.ts';
import { keywordMasks, masksOfNone } from '../../messages/keywords.ts';
import type { StoredAppend } from '../../messages/stored-append.ts';
import { rollBackWith } from '../../operations/outcome.ts';
import type { AppendMessage, AppendOutcome, AppendPlace } from '../../store.ts';
import type { MailboxId, OperationId } from '../../types.ts';
import type { Connection, Statement } from '../connection.ts';
import { noJumpSince } from '../epoch-sql.ts';
import { lockMailbox, lockNamed } from '../mailboxes/lock-mailbox.ts';
import { recorded, sendBatch, unset } from '../operations/batch.ts';
import { packets, sendInPackets } from '../operations/packets.ts';
import { addUsage } from '../operations/usage.ts';
import { findExcess, isExcess } from '../quota-sql.ts';
import { join, raw, type Sql, sql } from '../sql.ts';
import { uuidSql } from '../uuid-sql.ts';
import { addTotal, totalOf } from './counter-sql.ts';
import { contentStatements } from './insert-content.ts';
import { keywordStatements } from './save-keywords.ts';

export const append = (
  access: RepositoryAccess<Connection>,
  request: LimitedAppend,
  attempt: Attempt,
): Promise<AppendOutcome> => appendBy({ access, appendTo, appendAtOnce }, request, attempt);

/** The contents first: the mailbox is locked for what is left. */
async function appendAtOnce(c: Connection, requests: readonly LimitedAppend[], epoch: number): Promise<StoredAppend[]> {
  const contents = requests.flatMap(({ messages }) => contentsOf(messages));
  const work = [...contents, ...requests.flatMap((request) => assignRecorded(request, epoch))];
  return answersTo(work, await sendBatch(c, work)).map(({ result }) => JSON.parse(result));
}

function assignRecorded(request: LimitedAppend, epoch: number): Statement[] {
  const { operation, messages } = request;
  const complete = sql`(${completeOf}) = ${messages.length}`;
  const mustBe = sql`${raw(noJumpSince('@was'))} AND NOT ${isExcess} AND ${complete}`;
  return [
    ...findTarget(request),
    ...assign(request, { masks: masksOfNone(messages), place: request }),
    recorded({ operation, epoch, mustBe, result: stored }),
    { name: ANSWER, ...sql`SELECT ${stored} AS result` },
  ];
}

/** @throws an outcome for `withOutcome` where it cannot be done */
export async function appendTo(tx: Connection, place: AppendPlace, appending: Appending): Promise<StoredAppend> {
  const contents = contentsOf(appending.messages);
  // Nobody waits for the mailbox while what is large goes to the server.
  const ahead = packets(contents).length > 1;
  if (ahead) await sendInPackets(tx, contents);
  const [mailbox] = 'id' in place ? await lockMailbox(tx, place.id) : await lockNamed(tx, place.owner, place.mailbox);
  if (mailbox === undefined) rollBackWith({ kind: 'noMailbox' });
  return await putInto(tx, mailbox, { ...appending, contents: ahead ? [] : contents });
}

/** The same where the mailbox is locked already. */
export const appendLocked = (tx: Connection, mailbox: LockedMailbox, appending: Appending): Promise<StoredAppend> =>
  putInto(tx, mailbox, { ...appending, contents: contentsOf(appending.messages) });

async function putInto(
  tx: Connection,
  { id, keywords }: LockedMailbox,
  appending: Appending & { readonly contents: readonly Statement[] },
): Promise<StoredAppend> {
  const given = keywordMasks(keywords, appending.messages);
  if (given === 'full') rollBackWith({ kind: 'tooManyKeywords' });
  const work: Statement[] = [
    ...appending.contents,
    ...keywordStatements(id, given.assigned),
    ...assign(appending, { masks: given.masks, place: { id: id as MailboxId } }),
    { name: ANSWER, ...sql`SELECT ${stored} AS result, ${isExcess} AS excess, (${completeOf}) AS complete` },
  ];
  const [answer] = answersTo(work, await sendInPackets(tx, work));
  const { result, excess, complete } = answer as Answer;
  checkAppended(appending, { excess: excess === 1, complete });
  return JSON.parse(result);
}

const contentsOf = (messages: AppendMessage['messages']): readonly Statement[] =>
  messages.flatMap(({ staged }) => contentStatements(staged));

const ANSWER = 'append-answer';
type Answer = { readonly result: string; readonly excess: number; readonly complete: number };

const answersTo = (work: readonly Statement[], rows: readonly unknown[][]): readonly Answer[] =>
  work.flatMap(({ name }, i) => (name === ANSWER ? [rows[i]?.[0] as Answer] : []));

/**
 * Looked up by its name without a lock, for who renames a mailbox locks its row before its name. `assign` locks the row, by its id, and
 * looks at the name again.
 */
function findTarget(place: AppendPlace): Statement[] {
  if ('id' in place) return [];
  const { owner, mailbox } = place;
  return [
    unset('@found'),
    { name: 'append-find', ...sql`SELECT id INTO @found FROM mailbox WHERE owner = ${owner} AND name = ${mailbox}` },
  ];
}

const isTarget = (place: AppendPlace): Sql =>
  'id' in place
    ? sql`id = ${uuidOctets(place.id)}`
    : sql`id = @found AND owner = ${place.owner} AND name = ${place.mailbox}`;

type Assign = { readonly masks: readonly string[]; readonly place: AppendPlace };

/** Locks the mailbox, and puts the messages into it. What is found is in variables; all of them are null where it is not there. */
function assign({ operation, messages, limits }: Appending, { masks, place }: Assign): Statement[] {
  const total = totalOf(messages.map(({ staged, flags }) => ({ size: staged.size, flags: flags.system })));
  const owner = raw('@owner');
  return [
    unset('@box', '@owner', '@validity', '@first', '@modseq', '@was'),
    {
      name: 'append-target',
      ...sql`SELECT id, owner, uid_validity, uid_next, modseq + 1, epoch
        INTO @box, @owner, @validity, @first, @modseq, @was
        FROM mailbox FORCE INDEX (PRIMARY) WHERE ${isTarget(place)} FOR UPDATE`,
    },
    ...(limits === null ? [unset('@excess')] : findExcess({ owner, storage: total.size, messages: total.n, limits })),
    addTotal(raw('@box'), total),
    addUsage(owner, { storage: total.size, messages: total.n }),
    ...insertMessages(operation, messages, masks),
    ...forgetUploads(messages),
  ];
}

/** Rows of one statement. */
const AT_ONCE = 1_000;

/** Without a mailbox the server refuses it. */
function insertMessages(
  operation: OperationId,
  messages: AppendMessage['messages'],
  masks: readonly string[],
): Statement[] {
  const made = uuidOctets(operation);
  const rows = messages.map(
    (
      { staged, internalDate, flags },
      i,
    ) => sql`(@box, @first + ${i}, @modseq, ${BigInt(masks[i] ?? 0)}, ${staged.size}, ${internalDate},
      ${flags.system}, ${uuidOctets(staged.content)}, ${made})`,
  );
  return slices(rows).map((some) => ({
    name: 'messages-insert',
    ...sql`INSERT INTO message (mailbox, uid, modseq, keywords, size, internal_date, flags, content, operation)
      VALUES ${join(some, ', ')}`,
  }));
}

/** They are no uploads any more that the collector may take. */
function forgetUploads(messages: AppendMessage['messages']): Statement[] {
  const staged = messages.flatMap(({ staged: { inline, content } }) => (inline === null ? [uuidOctets(content)] : []));
  return slices(staged).map((some) => ({
    name: 'uploads-forget',
    text: 'DELETE FROM staged WHERE content IN (?)',
    values: [some],
  }));
}

const slices = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, i) => all.slice(i * AT_ONCE, (i + 1) * AT_ONCE));

/** Messages whose content is all there. */
const completeOf = raw(`SELECT COUNT(*) FROM message m JOIN content c ON c.id = m.content
  WHERE m.mailbox = @box AND m.uid >= @first
    AND (c.chunks = 1 OR c.chunks = (SELECT COUNT(*) FROM chunk k WHERE k.content = c.id))`);

/** What is stored of it: see `StoredAppend`. Null without a mailbox. */
const stored = raw(`CONCAT('{"mailbox":"', ${uuidSql('@box')}, '","uidValidity":', @validity, ',"firstUid":', @first,
  ',"modSeq":', @modseq, '}')`);
