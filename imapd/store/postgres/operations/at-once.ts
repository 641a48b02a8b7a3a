import { lockEpoch } from '#database/postgres/repository-epoch.ts';
import { currentEpoch } from '../epoch-sql.ts';
import type { NamedStatement } from '../send-at-once.ts';

/**
 * Pieces of mutations that are sent as a whole (`sendAtOnce`): first what locks, so that the statements behind it see what was
 * committed before; then the work, in whose last statement are the operation's row and what must be true.
 */
export const enterEpoch: NamedStatement = { name: 'epoch-lock', text: lockEpoch };

/**
 * The lock of the epoch, and then that of the mailbox row. The reference makes the order: who held a mailbox and waited for the
 * epoch behind one that is being stamped would have it wait for those who want the mailbox.
 */
export const enterMailbox = (mailbox: string): NamedStatement => ({
  name: 'mailbox-enter',
  text: `SELECT count(*) FROM (${lockEpoch} AS locked) e,
    LATERAL (SELECT 1 FROM mail.mailbox b WHERE b.id = $1 AND e.locked::text IS NOT NULL FOR UPDATE) b`,
  values: [mailbox],
});

/**
 * The query `recorded`. That the operation has happened already is told by its key: the whole is refused then.
 * @param operation a parameter
 * @param result a query of one column, JSON
 */
export const recorded = (operation: string, result: string): string =>
  `recorded AS (INSERT INTO mail.operation (id, result) SELECT ${operation}::uuid, r.result FROM (${result}) AS r(result))`;

/**
 * A column without which the statement fails, and with it the whole: the repository is at this epoch, and what else has to be so
 * is so. Nobody reads the error: the mutation is done again step by step, and finds out.
 * @param epoch a parameter
 * @param condition an SQL expression, never constant
 */
export const mustBe = (epoch: string, condition = 'true'): string =>
  `CASE WHEN ${currentEpoch} = ${epoch}::bigint AND (${condition}) THEN '0' ELSE 'to be done step by step' END::int AS must`;
