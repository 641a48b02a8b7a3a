import type { DatedOperation, OperationStatements } from '../../salvage/salvage-statements.ts';
import { type Connection, onlyRow, rows } from '../connection.ts';

/** Behind the time it does not matter: nothing was done at infinity. */
const ANY_ID = '00000000-0000-0000-0000-000000000000';

export const operationStatements: OperationStatements<Connection> = {
  async forkAfter(c, epoch) {
    const { fork } = await onlyRow<{ fork: number | null }>(c, {
      text: 'SELECT min(epoch)::float8 AS fork FROM imapcluster.repository_epoch WHERE epoch > $1 AND uid_gap > 0',
      values: [epoch],
    });
    return fork;
  },

  async ago(c, seconds) {
    const { since } = await onlyRow<{ since: Date }>(c, {
      text: 'SELECT clock_timestamp() - make_interval(secs => $1) AS since',
      values: [seconds],
    });
    return since;
  },

  async known(c, ids) {
    const found = await rows<{ id: string }>(c, {
      name: 'operations-known',
      text: 'SELECT id FROM mail.operation WHERE id = ANY($1::uuid[])',
      values: [ids],
    });
    return new Set(found.map(({ id }) => id));
  },

  page: (source, { before, since, most }) =>
    rows<DatedOperation>(source, {
      text: `SELECT id, at, at::text AS exact FROM mail.operation
        WHERE at >= $3 AND (at, id) < ($1::timestamptz, $2::uuid) ORDER BY at DESC, id DESC LIMIT $4`,
      values: [before?.exact ?? 'infinity', before?.id ?? ANY_ID, since, most],
    }),

  async span(source, time) {
    const { newest, beyond } = await onlyRow<{ newest: Date | null; beyond: boolean | null }>(source, {
      text: 'SELECT max(at) AS newest, bool_or(at < $1) AS beyond FROM mail.operation',
      values: [time],
    });
    return { newest, beyond: beyond === true };
  },
};
