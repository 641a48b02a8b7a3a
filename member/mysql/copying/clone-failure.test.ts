import { expect, test } from 'vitest';
import { ConnectionLost, ServerError } from '#database/mysql/connection/server-error.ts';
import { type CloneFailure, cloneFailure } from './clone-failure.ts';

const refused = (errno: number, message: string) =>
  new ServerError(`clone: ${message}`, { errno, sqlState: 'HY000', at: 0, statement: 'clone' });

/** As MySQL 9.7 words them, where it could be brought to. */
test.each<[CloneFailure, Error]>([
  ['busy', refused(3862, 'Clone Donor Error: 3634 : Too many concurrent clone operations. Maximum allowed - 1..')],
  ['busy', refused(3633, 'Concurrent DDL is performed during clone operation. Please try again.')],
  [
    'impossible',
    refused(3862, 'Clone Donor Error: 1227 : Access denied; you need (at least one of) the BACKUP_ADMIN privilege(s)'),
  ],
  ['impossible', refused(3864, 'Clone Donor MySQL version: 9.6.0 is different from Recipient MySQL version 9.7.4.')],
  ['impossible', refused(1524, "Plugin 'clone' is not loaded")],
  ['diskFull', refused(3873, 'Clone needs 2.00 GiB, but only 1.00 GiB is available.')],
  ['interrupted', refused(3862, 'Clone Donor Error: 1317 : Query execution was interrupted.')],
  ['failed', refused(1317, 'Query execution was interrupted')],
  ['failed', refused(3862, 'Clone Donor Error: Connect failed: 2013')],
  ['failed', new ConnectionLost('ECONNRESET')],
])('%s: %s', (failure, error) => expect(cloneFailure(error)).toBe(failure));
