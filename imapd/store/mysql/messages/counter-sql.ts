import { systemFlags } from '../../types.ts';
import type { Statement } from '../connection.ts';
import { currentEpoch } from '../epoch-sql.ts';
import { raw, type Sql, sql } from '../sql.ts';

/** Statements that move the counters of a mailbox row together with its messages, in one batch. The row is locked. */
const { '\\Seen': SEEN, '\\Deleted': DELETED } = systemFlags;

/** Condition for messages to be expunged. */
export const isDeleted = raw(`flags & ${DELETED} <> 0`);

/** A set of messages in numbers. */
export type Total = { readonly n: Sql; readonly size: Sql; readonly unseen: Sql; readonly deleted: Sql };

/** Where `countTotal` puts it. */
export const total: Total = { n: raw('@n'), size: raw('@size'), unseen: raw('@unseen'), deleted: raw('@deleted') };

/** @param messages what follows FROM: columns size and flags */
export const countTotal = (messages: Sql): Statement => count(messages, () => '');

/** Before `countMore`. */
export const countNone: Statement = {
  name: 'messages-count-none',
  text: 'SET @n = 0, @size = 0, @unseen = 0, @deleted = 0',
};

/** The same added to what is there, for a set that takes several statements. */
export const countMore = (messages: Sql): Statement => count(messages, (variable) => `${variable} + `);

/** @param before what stands before the sum that goes into a variable */
function count(messages: Sql, before: (variable: string) => string): Statement {
  const sum = (variable: string, what: string): string => `${before(variable)}COALESCE(SUM(${what}), 0)`;
  const sums = [
    `${before('@n')}COUNT(*)`,
    sum('@size', 'size'),
    sum('@unseen', `flags & ${SEEN} = 0`),
    sum('@deleted', `flags & ${DELETED} <> 0`),
  ];
  return {
    name: 'messages-count',
    ...sql`SELECT ${raw(sums.join(', '))} INTO @n, @size, @unseen, @deleted FROM ${messages}`,
  };
}

type Counted = { readonly size: number; readonly flags: number };

/** The same of messages that are known here. */
export const totalOf = (messages: readonly Counted[]): Total => ({
  n: sql`${messages.length}`,
  size: sql`${messages.reduce((sum, { size }) => sum + size, 0)}`,
  unseen: sql`${messages.filter(({ flags }) => (flags & SEEN) === 0).length}`,
  deleted: sql`${messages.filter(({ flags }) => (flags & DELETED) !== 0).length}`,
});

/** Makes room for messages, if there are any: the UIDs from the old `uid_next` on are theirs alone. */
export const addTotal = (mailbox: Sql, { n, size, unseen, deleted }: Total): Statement => ({
  name: 'mailbox-add',
  ...sql`UPDATE mailbox SET uid_next = uid_next + ${n}, modseq = modseq + 1, messages = messages + ${n},
      unseen = unseen + ${unseen}, deleted = deleted + ${deleted}, size = size + ${size}, epoch = ${raw(currentEpoch)}
    WHERE id = ${mailbox} AND ${n} > 0`,
});

/** Takes messages out of it, if there are any. */
export const removeTotal = (mailbox: Sql, { n, size, unseen, deleted }: Total): Statement => ({
  name: 'mailbox-remove',
  ...sql`UPDATE mailbox SET modseq = modseq + 1, messages = messages - ${n},
      unseen = unseen - ${unseen}, deleted = deleted - ${deleted}, size = size - ${size}, epoch = ${raw(currentEpoch)}
    WHERE id = ${mailbox} AND ${n} > 0`,
});

/** 1 where a flag is not set, 0 where it is; null without flags. */
const unset = (flag: number, flags: Sql): Sql => sql`(${flags} & ${raw(String(flag))} = 0)`;

/**
 * What a change of flags does to the counters, added to what is there. @param hit what follows FROM: messages that are to change, with
 * column flags; @param newFlags an expression
 */
export const countHit = (hit: Sql, newFlags: Sql): Statement => ({
  name: 'flags-count',
  ...sql`SELECT @n + COUNT(*), @unseen + COALESCE(SUM(${unset(SEEN, newFlags)} - ${unset(SEEN, raw('flags'))}), 0),
      @deleted + COALESCE(SUM(${unset(DELETED, raw('flags'))} - ${unset(DELETED, newFlags)}), 0)
    INTO @n, @unseen, @deleted FROM ${hit}`,
});

/** The same into the mailbox row. Where nothing is hit the mailbox keeps its mod-sequence. */
export const addHit = (mailbox: Sql): Statement => ({
  name: 'mailbox-flags',
  ...sql`UPDATE mailbox SET modseq = modseq + 1, unseen = unseen + @unseen, deleted = deleted + @deleted,
      epoch = ${raw(currentEpoch)} WHERE id = ${mailbox} AND @n > 0`,
});
