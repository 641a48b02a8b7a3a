import { uuidOctets } from '#database/mysql/connection/uuid-octets.ts';
import type { DatedOperation, OperationStatements } from '../../salvage/salvage-statements.ts';
import { type Connection, onlyRow, rows, type Statement } from '../connection.ts';
import { raw, sql } from '../sql.ts';
import { findInSlices } from './slices.ts';

export const operationStatements: OperationStatements<Connection> = {
  async forkAfter(c, epoch) {
    const { fork } = await onlyRow<{ fork: number | null }>(c, {
      name: 'salvage-fork',
      text: 'SELECT MIN(epoch) AS fork FROM repository_epoch WHERE epoch > ? AND uid_gap > 0',
      values: [epoch],
    });
    return fork;
  },

  async ago(c, seconds) {
    const { since } = await onlyRow<{ since: Date }>(c, {
      name: 'salvage-ago',
      text: 'SELECT CURRENT_TIMESTAMP(6) - INTERVAL ? SECOND AS since',
      values: [seconds],
    });
    return since;
  },

  async known(c, ids) {
    const found = await findInSlices<{ id: string }>(c, ids, (some) => operationsNamed(some));
    return new Set(found.map(({ id }) => id));
  },

  async page(source, { before, since, most }) {
    // By the index, which has the ids too: of a pair of columns it would not be.
    const earlier =
      before === null
        ? raw('TRUE')
        : sql`at <= ${before.exact} AND (at < ${before.exact} OR id < ${uuidOctets(before.id)})`;
    return await rows<DatedOperation>(source, {
      name: 'salvage-operations',
      ...sql`SELECT id, at, CAST(at AS CHAR) AS exact FROM operation FORCE INDEX (operation_by_age)
        WHERE at >= ${since} AND ${earlier} ORDER BY at DESC, id DESC LIMIT ${most}`,
    });
  },

  async span(source, time) {
    const { newest, beyond } = await onlyRow<{ newest: Date | null; beyond: number | null }>(source, {
      name: 'salvage-span',
      text: 'SELECT MAX(at) AS newest, MIN(at) < ? AS beyond FROM operation',
      values: [time],
    });
    return { newest, beyond: beyond === 1 };
  },
};

export const operationsNamed = (ids: readonly string[]): Statement => ({
  name: 'operations-known',
  text: 'SELECT id FROM operation WHERE id IN (?)',
  values: [ids.map(uuidOctets)],
});
