import { type ClientBase, DatabaseError } from 'pg';
import { recordOperation } from '../../store/postgres/operations/operations.ts';
import type { Driver, Last } from '../driver.ts';
import { mustBeWritable, writeBarrier } from './barrier.ts';
import { beginAtEpoch, beginOperation } from './begin-at-epoch.ts';
import { classifyFailure } from './classify-failure.ts';
import { commit, sendWhole } from './commit.ts';
import { readReaderStatus, readWriterPosition } from './member-watch.ts';
import { isPasswordRefused } from './password-refused.ts';
import { SessionPool } from './session-pool.ts';

/** SQLSTATE and table by which a repeated operation is told from every other failure. */
const UNIQUE_VIOLATION = '23505';
const OPERATION_TABLE = 'operation';

export const postgresDriver: Driver<ClientBase> = {
  engine: 'postgresql',
  openPool: (options) => new SessionPool(options),
  beginOperation,
  commit: (c, last) => commit(c, () => writeLast(c, last)),
  sendWhole,
  async proveWriter(c, epoch) {
    await beginAtEpoch(c, epoch);
    await mustBeWritable(c);
    return await commit(c, () => writeBarrier(c));
  },
  writerPosition: readWriterPosition,
  readerStatus: readReaderStatus,
  classify: classifyFailure,
  isRepeated: (error) =>
    error instanceof DatabaseError && error.code === UNIQUE_VIOLATION && error.table === OPERATION_TABLE,
  isPasswordRefused,
};

const writeLast = (c: ClientBase, last: Last): Promise<void> =>
  last.kind === 'record' ? recordOperation(c, last.operation, last.result) : writeBarrier(c);
