import { expect, test } from 'vitest';
import { verdictOfLine } from './log-verdict.ts';

const MARIADB = '2026-11-28 16:01:30 14 [ERROR]';
const MYSQL = '2026-11-28T16:08:37.770700Z 16 [ERROR] [MY-010584] [Repl]';

test.each([
  [
    `${MARIADB} Slave I/O: Got fatal error 1236 from master when reading data from binary log: 'Could not find GTID state requested by slave in any binlog files. Probably the slave state is too old and required binlog files have been purged.', Internal MariaDB error code: 1236`,
    'LogRemoved',
  ],
  [
    `${MARIADB} Slave I/O: Got fatal error 1236 from master when reading data from binary log: 'Error: connecting slave requested to start from GTID 1-1-9, which is not in the master's binlog', Internal MariaDB error code: 1236`,
    'Diverged',
  ],
  [
    `${MARIADB} Slave SQL: Could not execute Write_rows_v1 event on table imap.t; Duplicate entry '7' for key 'PRIMARY', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY, Gtid 1-1-9, Internal MariaDB error code: 1062`,
    'Diverged',
  ],
  [
    `${MYSQL} Replica SQL for channel '': Worker 1 failed executing transaction 'e7b3e741-eb45-11f1-b04c-02fc00000001:1' at source log bin.000001, end_log_pos 7969; Could not execute Delete_rows event on table imap.t; Can't find record in 't', Error_code: MY-001032`,
    'Diverged',
  ],
  [
    `${MYSQL} Replica I/O for channel '': Got fatal error 1236 from source when reading data from binary log: 'Cannot replicate because the source purged required binary logs.', Error_code: MY-013114`,
    'LogRemoved',
  ],
  [
    `${MYSQL} Replica I/O for channel '': Error connecting to source 'imapcluster_replication@127.0.0.1:12870'. This was attempt 1/0, with a delay of 1 seconds between attempts. Message: SSL connection error, Error_code: MY-002026`,
    null,
  ],
  [`${MYSQL} Disk is full writing './bin.000002' (OS errno 28 - No space left on device).`, null],
  ['2026-11-28 16:01:30 9 [Warning] Aborted connection 9, Error_code: 1236', null],
])('%s', (line, verdict) => {
  expect(verdictOfLine(line)).toBe(verdict);
});
