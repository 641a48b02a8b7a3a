import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import type { Flavour } from '#database/mysql/flavour.ts';
import { isPasswordRefused } from '#database/mysql/password-refused.ts';
import { isOperationExists } from '../../store/mysql/operations/operations.ts';
import type { CommitOutcome, Driver, PoolOptions } from '../driver.ts';
import { classifyFailure } from './classify-failure.ts';
import { commit, sendWhole } from './commit.ts';
import { readReaderStatus, readWriterPosition } from './member-watch.ts';
import { SessionPool } from './session-pool.ts';
import { beginBarrier, beginOperation } from './transaction.ts';

/** MariaDB and MySQL: one protocol. Where their words differ a connection knows which of them it speaks to. */
export class MysqlDriver implements Driver<MysqlConnection> {
  readonly engine: Flavour;

  constructor(engine: Flavour) {
    this.engine = engine;
  }

  openPool(options: PoolOptions): SessionPool {
    return new SessionPool(options);
  }

  readonly beginOperation = beginOperation;
  readonly commit = commit;
  readonly sendWhole = sendWhole;

  async proveWriter(c: MysqlConnection, epoch: number): Promise<CommitOutcome> {
    await beginBarrier(c, epoch);
    return await commit(c, { kind: 'barrier' });
  }

  readonly writerPosition = readWriterPosition;
  readonly readerStatus = readReaderStatus;
  readonly classify = classifyFailure;
  readonly isRepeated = isOperationExists;
  readonly isPasswordRefused = isPasswordRefused;
}
